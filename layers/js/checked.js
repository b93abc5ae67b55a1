// A component of its own that draws nothing: what the server found out about how sure the places
// are goes to the table of places, and more is asked for until all is told.
const PAUSE = 40; // milliseconds: what a reader asks meanwhile goes first
const FIRST = 800; // and before all, the map is drawn
const idle = globalThis.requestIdleCallback || ((act) => setTimeout(act, 0));
export default function ({ data, setTriggerValue }) {
  const shared = (globalThis.gradmap = globalThis.gradmap || {});
  shared.checked = data;
  globalThis.dispatchEvent(new Event("gradmap-checked"));
  if (!data || data.done >= data.total) return;
  const ask = () => setTriggerValue("more", data.done + 1);
  const timer = setTimeout(() => (data.done ? ask() : idle(ask, { timeout: 4000 })), data.done ? PAUSE : FIRST);
  return () => clearTimeout(timer);
}
