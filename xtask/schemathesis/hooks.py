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


@schemathesis.hook
def before_call(context, case, kwargs):
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
