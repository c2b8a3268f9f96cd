"""Who asks, for schemathesis: a person with a session, or a program with a key.

The address and the credentials come from the environment. Whoever asks must stay able to ask: calls that would end
its own session or take its own role away get another session, or another name.
"""

import atexit
import json
import os
import threading
import time
import uuid

import requests
import schemathesis

URL = os.environ["DRIFTSIREN_URL"] + "/api/v1"
KEY = os.environ.get("DRIFTSIREN_API_KEY")
COOKIE = "driftsiren"


# The server slows down whoever tries one address many times at once.
ONE_AT_A_TIME = threading.Lock()


def log_in():
    person = {"email": os.environ["DRIFTSIREN_EMAIL"], "password": os.environ["DRIFTSIREN_PASSWORD"]}
    with ONE_AT_A_TIME:
        answer = requests.post(f"{URL}/login", json=person, timeout=30)
    # Somebody who logs in too often has to wait.
    if answer.status_code == 429:
        return None
    answer.raise_for_status()
    return answer.cookies[COOKIE]


def own_names(cookie):
    """The ids of the session and the account that must live to the end."""
    cookies = {COOKIE: cookie}
    sessions = requests.get(f"{URL}/me/sessions", cookies=cookies, timeout=30).json()["data"]
    account = requests.get(f"{URL}/me", cookies=cookies, timeout=30).json()["account"]["id"]
    return {account} | {session["id"] for session in sessions if session["is_current"]}


def log_in_first():
    """The session of the whole run; who asked before may have used up the logins of this minute."""
    for _ in range(100):
        session = log_in()
        if session:
            return session
        time.sleep(3)
    raise RuntimeError("the server refuses every login")


SESSION = None if KEY else log_in_first()
OWN = set() if KEY else own_names(SESSION)


@schemathesis.auth(refresh_interval=None)
class Caller:
    def get(self, case, context):
        return KEY or SESSION

    def set(self, case, data, context):
        if KEY:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}
        else:
            case.cookies = {**(case.cookies or {}), COOKIE: data}


# The dataset that most questions are about: once it is deleted, all that they can learn is that there is none.
DATASET = "loans"
FILES = os.environ["DRIFTSIREN_FILES"]


def file(name):
    with open(os.path.join(FILES, name), "rb") as stream:
        return stream.read()


# Rows as text: a changed body is held to the schema again, which knows no bytes.
ROWS = file("rows.csv").decode()
GOOD_FILES = {"text/csv": ROWS, "application/octet-stream": file("rows.dsprof")}
TURNS = {}


def ask(path):
    """What a reader of the API sees."""
    headers = {"Authorization": f"Bearer {KEY}"} if KEY else {}
    cookies = {} if KEY else {COOKIE: SESSION}
    return requests.get(URL + path, headers=headers, cookies=cookies, timeout=30)


def is_removal_of_dataset(case):
    return case.operation.label.startswith("DELETE") and case.operation.full_path.endswith("/{dataset}")


def know(case):
    """Makes of random values those that a client has which has read before it writes."""
    place = case.path_parameters or {}
    org = f"/orgs/{place.get('org')}"
    dataset = f"{org}/datasets/{place.get('dataset')}"
    names = {
        "account": lambda: [member["account"]["id"] for member in ask(f"{org}/members").json().get("data", [])],
        "reference": lambda: [found["id"] for found in ask(f"{dataset}/references").json().get("data", [])],
    }
    for name, find in names.items():
        if name in place:
            known = [found for found in find() if found not in OWN]
            if known:
                place[name] = known[0]
    if is_removal_of_dataset(case):
        others = [found["name"] for found in ask(f"{org}/datasets").json().get("data", []) if found["name"] != DATASET]
        place["dataset"] = others[0] if others else "another"
        dataset = f"{org}/datasets/{place['dataset']}"
    if "If-Match" in (case.headers or {}):
        member = f"{org}/members/{place.get('account')}"
        read = ask(dataset if "dataset" in place else member if "account" in place else org)
        case.headers["If-Match"] = read.headers.get("etag", '"1"')
    if "Idempotency-Key" in (case.headers or {}):
        # A key stands for one request.
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if case.operation.full_path.endswith("/check"):
        case.body = {"reference": ROWS, "current": ROWS}
    elif case.media_type in GOOD_FILES:
        case.body = GOOD_FILES[case.media_type]


@schemathesis.hook
def before_call(context, case, kwargs):
    route = case.operation.label
    TURNS[route] = TURNS.get(route, 0) + 1
    parts = [] if case.meta is None else [case.meta.generation, *case.meta.components.values()]
    is_positive = parts != [] and all(part.mode.is_positive for part in parts)
    # Every third time: values that nobody knows must be refused well too.
    if is_positive and TURNS[route] % 3 == 0:
        know(case)
    if is_removal_of_dataset(case) and (case.path_parameters or {}).get("dataset") == DATASET:
        case.path_parameters["dataset"] = "another"
    if KEY:
        return
    if case.path.endswith("/logout") and (case.cookies or {}).get(COOKIE) == SESSION:
        case.cookies[COOKIE] = log_in() or "of no session"
    for place, name in (case.path_parameters or {}).items():
        if name in OWN:
            case.path_parameters[place] = str(uuid.uuid4())


ANSWERS = {}


@schemathesis.hook
def after_call(context, case, response):
    """Counts statuses by route: a run in which everything was refused would prove little."""
    method, path = case.operation.method.upper(), case.operation.full_path
    # Calls with methods that the document does not know belong to no route.
    if case.method.upper() == method:
        statuses = ANSWERS.setdefault(f"{method} {path}", {})
        statuses[str(response.status_code)] = statuses.get(str(response.status_code), 0) + 1


@atexit.register
def write_answers():
    with open(os.environ["DRIFTSIREN_ANSWERS"], "w", encoding="utf-8") as file:
        json.dump(ANSWERS, file, indent=1)
