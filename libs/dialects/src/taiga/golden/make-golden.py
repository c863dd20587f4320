"""Writes golden.json: what Python's own json and hmac modules make of an event of every type, as Taiga's code does (dialects design 1.2).

Run by hand with `python3 make-golden.py` and compare; the specs read golden.json only. The publisher's text is compact ASCII, so that nothing of the expected body can be a copy of it.
"""
import hashlib
import hmac
import json
from pathlib import Path

KEY = "clé très longue, 🔑 — 3.14"
DATE = "2026-02-03T04:05:06.070Z"

ANA = {"id": 7, "permalink": "https://t.example/profile/ana", "username": "ana", "full_name": "Ana Pérez", "photo": None, "gravatar_id": "2f5a"}
BO = {"id": 8, "permalink": "https://t.example/profile/bo", "username": "bo", "full_name": "Bo \"B\" Ø", "photo": "https://t.example/media/bo.png", "gravatar_id": "77aa"}
PROJECT = {"id": 3, "permalink": "https://t.example/project/shop", "name": "Shop / Søk", "logo_big_url": None}
TIMES = {"created_date": "2026-02-01T08:00:00.123Z", "modified_date": "2026-02-03T04:05:06.069Z"}


def link(path):
    return f"https://t.example/project/shop/{path}"


def status(number, name, color, closed, **more):
    return {"id": number, "name": name, "slug": name.lower().replace(" ", "-"), "color": color, "is_closed": closed, **more}


MILESTONE = {
    "id": 5, "name": "Sprint 5", "slug": "sprint-5", "estimated_start": "2026-02-01", "estimated_finish": "2026-02-14", **TIMES,
    "closed": False, "disponibility": 0.0, "permalink": link("taskboard/sprint-5"), "project": PROJECT, "owner": ANA,
}
USERSTORY = {
    "custom_attributes_values": {"Größe": 2.50, "Note": "line 1\nline 2\ttab"}, "id": 21, "ref": 4, "project": PROJECT, "is_closed": False, **TIMES, "finish_date": None,
    "due_date": "2026-02-20", "due_date_reason": "", "subject": "Buyers pay with Bitcoin ₿ \U0001f4b0", "client_requirement": True, "team_requirement": False,
    "generated_from_issue": None, "generated_from_task": None, "from_task_ref": None, "external_reference": ["github", "12"], "tribe_gig": None, "watchers": [7, 8],
    "is_blocked": True, "blocked_note": "C:\\legal </script>", "description": "a/b \u2028 \u007f \u0001 end", "tags": ["pay", "größe"], "permalink": link("us/4"), "owner": ANA,
    "assigned_to": BO, "assigned_users": [8], "points": [{"role": "UX", "name": "1/2", "value": 0.5}, {"role": "Back", "name": "8", "value": 8.0}, {"role": "Front", "name": "?", "value": None}],
    "status": status(2, "Ready", "#ff8a84", False, is_archived=False), "milestone": MILESTONE,
}
TASK = {
    "custom_attributes_values": {}, "id": 33, "ref": 6, **TIMES, "finished_date": None, "due_date": None, "due_date_reason": "", "subject": "Wallet", "us_order": 1770091506070,
    "taskboard_order": 1, "is_iocaine": True, "external_reference": None, "watchers": [], "is_blocked": False, "blocked_note": "", "description": "", "tags": [], "permalink": link("task/6"),
    "project": PROJECT, "owner": ANA, "assigned_to": None, "status": status(7, "In progress", "#e4ce40", False), "user_story": USERSTORY, "milestone": MILESTONE, "promoted_to": [],
}
ISSUE = {
    "custom_attributes_values": None, "id": 44, "ref": 9, **TIMES, "finished_date": None, "due_date": None, "due_date_reason": "", "subject": "Öl", "external_reference": None, "watchers": [],
    "description": "", "tags": [], "permalink": link("issue/9"), "project": PROJECT, "milestone": None, "owner": BO, "assigned_to": ANA, "status": status(11, "New", "#70728f", False),
    "type": {"id": 1, "name": "Bug", "color": "#e44057"}, "priority": {"id": 2, "name": "Normal", "color": "#a9aabc"}, "severity": {"id": 4, "name": "Critical", "color": "#e44057"},
    "promoted_to": [21],
}
WIKIPAGE = {"id": 55, "slug": "home", "content": "# Hi\n\n* ü", **TIMES, "permalink": link("wiki/home"), "project": PROJECT, "owner": ANA, "last_modifier": BO}
EPIC = {
    "custom_attributes_values": {"N": -0.0, "Big": 1e16}, "id": 66, "ref": 10, **TIMES, "subject": "Payments", "watchers": [], "description": "", "tags": [], "permalink": link("epic/10"),
    "project": PROJECT, "owner": ANA, "assigned_to": None, "status": status(17, "New", "#70728f", False), "epics_order": 1, "color": "#40a8e4", "client_requirement": False, "team_requirement": True,
}
RELATED = {"id": 77, "user_story": USERSTORY, "epic": EPIC, "order": 2}

DIFFS = {
    "milestone": {"estimated_finish": {"from": "2026-02-14", "to": "2026-02-15"}, "disponibility": {"from": 0.0, "to": 1.5}},
    "userstory": {
        "points": {"UX": {"from": "?", "to": "1/2"}, "Back": {"from": "5", "to": "8"}},
        "attachments": {"new": [{"filename": "plän.pdf", "url": "https://t.example/media/1"}], "changed": [], "deleted": []},
        "custom_attributes": {"new": [], "changed": [{"name": "Größe", "changes": {"value": ["2", "2.5"]}}], "deleted": []},
        "description_diff": [None, "<p>a/b <ins>end</ins></p>"], "description_html": {"from": "<p>a/b</p>", "to": "<p>a/b end</p>"}, "assigned_to": {"from": None, "to": "Bo \"B\" Ø"},
    },
    "task": {"is_iocaine": {"from": False, "to": True}},
    "issue": {"status": {"from": "Closed", "to": "New"}},
    "wikipage": {"content_diff": {"from": None, "to": "<p><ins>ü</ins></p>"}, "content_html": {"from": "<h1>Hi</h1>", "to": "<h1>Hi</h1><p>ü</p>"}},
    "epic": {},
    "relateduserstory": {"order": {"from": 1, "to": 2}},
}
OBJECTS = {"milestone": MILESTONE, "userstory": USERSTORY, "task": TASK, "issue": ISSUE, "wikipage": WIKIPAGE, "epic": EPIC, "relateduserstory": RELATED}


def change(kind):
    comment = "seen again" if kind == "epic" else ""
    return {"comment": comment, "comment_html": comment and f"<p>{comment}</p>", "delete_comment_date": None, "comment_versions": None, "edit_comment_date": None, "diff": DIFFS[kind]}


def event(kind, action, data, by):
    published = {"by": by, "data": data}
    envelope = {"action": action, "type": kind, "by": by, "date": DATE, "data": data}
    if action == "change":
        published["change"] = envelope["change"] = change(kind)
    body = json.dumps(envelope, ensure_ascii=False)
    digest = hmac.new(KEY.encode("utf-8"), msg=body.encode("utf-8"), digestmod=hashlib.sha1).hexdigest()
    headers = [["Content-Type", "application/json"], ["X-TAIGA-WEBHOOK-SIGNATURE", digest], ["X-Hub-Signature", "sha1=" + digest]]
    return {"eventType": f"{kind}.{action}", "published": json.dumps(published, separators=(",", ":")), "body": body, "bodyBytes": len(body.encode("utf-8")), "headers": headers}


events = [event(kind, action, data, None if (kind, action) == ("issue", "delete") else BO) for kind, data in OBJECTS.items() for action in ("create", "change", "delete")]
events.append(event("test", "test", {"test": "test"}, ANA))
golden = {"key": KEY, "occurredAt": DATE, "events": events}
Path(__file__).with_name("golden.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
