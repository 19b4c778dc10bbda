"""A worker in Python, with nothing but the standard library: it greets, and refuses to greet nobody."""
import json, os, socket, sys, threading, time, urllib.error, urllib.request

SERVER, TOKEN, POOL = os.environ["TASKUROTTA_SERVER_URL"], os.environ["TASKUROTTA_WORKER_TOKEN"], "python"
WORKER = f"{socket.gethostname()}-{os.getpid()}"
GREET = {
    "name": "python.greet", "major": 1, "title": {"en": "Greet", "ru": "Приветствие"}, "category": {"en": "Words", "ru": "Слова"},
    "input_schema": {"type": "object", "properties": {"name": {"type": "string", "title": "Name", "x-title-ru": "Имя"}}, "required": ["name"]},
    "output_schema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
}

class Business(Exception):
    """An outcome that the process may catch: Business("CODE", "why")."""

def greet(given):
    if not given["name"].strip():
        raise Business("NOBODY", "the name is empty")
    return {"text": f"Hello, {given['name']}!"}

def call(what, **body):
    request = urllib.request.Request(f"{SERVER}/api/v1/work/{POOL}/{what}", json.dumps({"worker": WORKER, **body}).encode(),
                                     {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return 0, json.loads(answer.read() or "{}")
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read() or "{}")
    except OSError as away:
        return 503, {"detail": str(away)}

def run(task):
    ended = threading.Event()
    def beat():  # a task that is not heard of for 8 seconds runs elsewhere
        while not ended.wait(2):
            call("heartbeat", tasks=[{"lease": task["lease"]}])
    threading.Thread(target=beat, daemon=True).start()
    try:
        what, outcome = "complete", {"output": greet(task["input"])}
    except Business as e:
        what, outcome = "fail", {"error": {"class": "business", "code": e.args[0], "message": e.args[1]}}
    except Exception as e:
        what, outcome = "fail", {"error": {"class": "retryable", "message": repr(e)}}
    while (refused := call(what, lease=task["lease"], **outcome))[0] >= 500:
        time.sleep(1)  # the server is away: the outcome waits, and the same one sent twice counts once
    if refused[0]:
        print("the outcome was refused:", refused[1], file=sys.stderr)
    ended.set()

known = False
while True:
    if not known:
        known = call("announce", types=[GREET])[0] == 0
    status, answer = call("take", wait_s=20) if known else (503, {})
    for task in answer.get("tasks", []):
        run(task)
    if answer.get("draining"):  # an operator takes this worker out of service: status 0 once it has left
        sys.exit(call("leave")[0])
    known = known and answer.get("code") != "work.unknown_worker"  # it was silent for too long
    if status:
        time.sleep(1)
