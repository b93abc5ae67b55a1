"""Words: what LODES counts, in Chinese and English, as a study says it."""

from __future__ import annotations

from typing import Final

from spatial.info import Source, Words
from spatial.sources.lodes.naming import HOME

__all__ = ["BASE", "COUNTED", "CURRENCY", "FLOWS", "JOBS", "SOURCE", "definitions"]

SOURCE: Final = Source(
    name="LEHD Origin-Destination Employment Statistics (LODES)",
    url=f"{HOME}/",
    licence="Public domain (United States federal government)",
    citation="U.S. Census Bureau, LEHD Origin-Destination Employment Statistics (LODES)",
)

CURRENCY: Final[Words] = {"zh": "美元", "en": "dollars"}

# The same two sentences in the audit, on the command line and in the study.
COUNTED: Final = (
    "graduates are jobs held by people of 30 or older with a bachelor's degree or higher (CD04)"
)
BASE: Final = (
    "base is all jobs held by people of 30 or older (CA02 + CA03): LODES tells the education of"
    " nobody younger"
)

JOBS: Final[dict[str, Words]] = {
    "JT00": {"zh": "全部就业岗位", "en": "all jobs"},
    "JT01": {"zh": "主要就业岗位", "en": "primary jobs"},
    "JT02": {"zh": "全部私营部门岗位", "en": "all private jobs"},
    "JT03": {"zh": "私营部门主要岗位", "en": "private primary jobs"},
    "JT04": {"zh": "全部联邦政府岗位", "en": "all federal jobs"},
    "JT05": {"zh": "联邦政府主要岗位", "en": "federal primary jobs"},
}

FLOWS: Final[dict[str, Words]] = {
    "S000": {
        "zh": "全体就业者（LODES 起讫点数据不含学历，不能区分毕业生）",
        "en": "all workers (LODES flows tell no education, so graduates cannot be told apart)",
    },
    "SE03": {
        "zh": "高收入就业者：月薪高于3333美元（SE03），作为毕业生的替代，并非毕业生本身",
        "en": "high earners: paid more than $3,333 a month (SE03), a stand-in for graduates, not"
        " graduates themselves",
    },
}


def definitions(job_type: str) -> dict[str, Words]:
    """What residence, work and base mean, by the job type counted."""
    jobs = JOBS[job_type]
    return {
        "residence": {
            "zh": f"30岁及以上、具有学士及以上学历者的{jobs['zh']}（LODES RAC 的 CD04，"
            f"{job_type}），按居住地计数。",
            "en": f"{jobs['en'].capitalize()} held by people of 30 or older with a bachelor's"
            f" degree or higher (CD04 of LODES RAC, {job_type}), counted where they live.",
        },
        "work": {
            "zh": f"30岁及以上、具有学士及以上学历者的{jobs['zh']}（LODES WAC 的 CD04，"
            f"{job_type}），按就业地计数。",
            "en": f"{jobs['en'].capitalize()} held by people of 30 or older with a bachelor's"
            f" degree or higher (CD04 of LODES WAC, {job_type}), counted where they work.",
        },
        "base": {
            "zh": f"30岁及以上者的{jobs['zh']}（CA02 + CA03，等于 CD01 至 CD04 之和）。"
            "LODES 不提供30岁以下者的学历，因此不与全部岗位 C000 比较。",
            "en": f"{jobs['en'].capitalize()} held by people of 30 or older (CA02 + CA03, which is"
            " the sum of CD01 to CD04). LODES tells the education of nobody younger, so the"
            " comparison is not with all jobs (C000).",
        },
    }
