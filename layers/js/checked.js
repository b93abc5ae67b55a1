// A component of its own that draws nothing: what the server found out about how sure the places
// are goes to the table of places, and more is asked for until all is told.
const PAUSE = 40; // milliseconds: what a reader asks meanwhile goes first
export default function ({ data, setTriggerValue }) {
  const shared = (globalThis.gradmap = globalThis.gradmap || {});
  shared.checked = data;
  globalThis.dispatchEvent(new Event("gradmap-checked"));
  if (!data || data.done >= data.total) return;
  const timer = setTimeout(() => setTriggerValue("more", data.done + 1), PAUSE);
  return () => clearTimeout(timer);
}
