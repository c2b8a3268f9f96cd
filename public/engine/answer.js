// What every worker does around its work: answer each call by its id, tell progress, say why it failed.

const post = (message, transfer = []) => self.postMessage(message, transfer);

/** What moves with an answer. */
const transfers = new WeakMap();

/** An answer with which these things move to the page, instead of copies of them. */
export function moving(answer, transfer) {
  transfers.set(answer, transfer);
  return answer;
}

/** Bytes of a page of WebAssembly memory. */
const PAGE = 1 << 16;

/**
 * Runs `calls[name](argument)` for each message `{id, name, argument}`; `memory` gives the module's memory, once there
 * is one.
 */
export function serve(calls, memory) {
  self.onmessage = async ({ data: { id, name, argument } }) => {
    try {
      const value = await calls[name](argument, (progress) => post({ id, progress }));
      post({ id, value }, transfers.get(value));
    } catch (error) {
      post({ id, error: failure(error, memory()) });
    }
  };
}

/** Why something failed, as it travels; `memory` is the module's. */
export function failure(error, memory) {
  if (error?.kind && error?.message) return error;
  return { kind: kind(error, memory), message: words(error) };
}

// A refusal is an answer of the engine; a trap is the end of this worker.
function kind(error, memory) {
  if (error instanceof RangeError || error?.name === "DataCloneError") return "out_of_memory";
  if (!(error instanceof WebAssembly.RuntimeError)) return "refused";
  return isUsedUp(memory) ? "out_of_memory" : "broken";
}

// A module that asks for memory in vain traps like one with a bug. What it asked for is at most twice what it has, when
// something in it doubles: so that much is asked for once more.
function isUsedUp(memory) {
  if (!memory) return false;
  try {
    memory.grow((2 * memory.buffer.byteLength) / PAGE);
    return false;
  } catch {
    return true;
  }
}

function words(error) {
  if (error?.name === "NotReadableError") {
    return "the browser can no longer read the file: was it moved or changed? Choose it again.";
  }
  return String(error?.message ?? error);
}
