// Reads inputs. One worker leads each of them: it takes the bytes, cuts them into blocks, profiles these or passes them
// to helpers. Whoever profiled a block sends it to the session, which puts blocks in their order.
import { failure, serve } from "./answer.js";

const SLICE = 4 << 20;
/** Blocks that may be under way from one worker to the session. */
const MAX_SENT = 4;
/** Blocks that a helper may have before it: one in work, one to go on with. */
const MAX_PASSED = 2;
/** Milliseconds between two words on how far reading has come: each lets the page draw anew. */
const TELL_MS = 400;

/** Options that nobody has set. */
const USUAL = new Uint8Array();

/** Serves one build of the readers: the small one, or the one with Parquet. */
export function serveReader({ initSync, Reader, Helper, ParquetFile, Surveyor, Splitter }) {
  let wasm;
  let outlet;
  let helpers = [];

  async function lead({ side, name, blob, options }, tell) {
    const input = { side, name, blob, options };
    const pool = new Pool(input, helpers, outlet, teller(blob, tell));
    const isParquet = ParquetFile && (await begins(blob, "PAR1"));
    const ending = isParquet ? await readParquet(input, pool) : await readText(input, pool);
    await pool.finish(ending);
  }

  async function readText({ name, blob, options }, pool) {
    const reader = new Reader(name, options, blob.size);
    const sendBlocks = async () => {
      while (reader.waiting > 0) {
        const helper = pool.idle();
        if (helper) pool.pass(helper, { table: reader.table(), block: reader.block() });
        else await pool.send(reader.profile());
      }
    };
    await slices(blob, async (bytes) => {
      reader.push(bytes);
      await sendBlocks();
      pool.read(bytes.length);
    });
    const ending = reader.finish();
    await sendBlocks();
    reader.free();
    return ending;
  }

  async function readParquet({ name, blob, options }, pool) {
    const file = new ParquetFile(name, options, source(blob), blob.size);
    let rowGroup = 0;
    const sendUpTo = async (at) => {
      for (; rowGroup < file.rowGroups && file.endOf(rowGroup) <= at; rowGroup++) {
        const helper = pool.idle();
        if (helper) pool.pass(helper, { rowGroup });
        else await pool.sendAll(file.rowGroup(rowGroup));
        file.forget(file.endOf(rowGroup));
      }
    };
    // All bytes are hashed; what they hold is read as it comes by, so that the file is read once.
    let at = 0;
    await slices(blob, async (bytes) => {
      file.push(bytes);
      at += bytes.length;
      await sendUpTo(at);
      pool.read(bytes.length);
    });
    return file.ending();
  }

  /** Works for whoever leads an input, over a port. */
  function help(port) {
    let input;
    let helper;
    let file;
    port.onmessage = async ({ data }) => {
      if (data.input) return void (input = data.input);
      try {
        let blocks;
        if (data.block) {
          helper ??= new Helper(input.name, input.options, data.table);
          blocks = [helper.profile(data.block)];
        } else {
          file ??= new ParquetFile(input.name, input.options, source(input.blob), input.blob.size);
          blocks = all(file.rowGroup(data.rowGroup));
        }
        const rows = blocks.reduce((sum, block) => sum + block.rows, 0);
        await outlet.send(input.side, data.index, blocks);
        port.postMessage({ rows });
      } catch (error) {
        port.postMessage({ error: failure(error, wasm.memory) });
      }
    };
  }

  serve(
    {
      start: (module) => void (wasm = initSync({ module })),
      connect({ session, toHelpers, toLeaders }) {
        outlet = new Outlet(session);
        helpers = toHelpers;
        toLeaders.forEach(help);
      },
      read: lead,
      // The two below are of the large build alone.
      async survey({ name, blob }, tell) {
        const surveyor = new Surveyor(name, USUAL, blob.size);
        await slices(blob, (bytes) => void (surveyor.push(bytes), tell({})));
        return surveyor.finish();
      },
      async split({ name, blob, column, at }, tell) {
        const splitter =
          column === undefined ? Splitter.atRow(name, USUAL, at) : Splitter.atTime(name, USUAL, column, at);
        const halves = [[], []];
        const take = (from) => halves.forEach((half, side) => half.push(from.take(side)));
        await slices(blob, (bytes) => void (splitter.push(bytes), take(splitter), tell({})));
        take(splitter.finish());
        // Blobs are the browser's, which keeps large ones on disk.
        return halves.map((half) => new Blob(half));
      },
    },
    () => wasm?.memory,
  );
}

/** The blocks of one input: who works on them, and what has become of them. */
class Pool {
  #helpers;
  #outlet;
  #side;
  #size;
  #tell;
  #n_blocks = 0;
  #rows = 0;
  #bytes = 0;
  #failure;
  #woken = () => {};

  constructor({ side, name, options, blob }, ports, outlet, tell) {
    this.#side = side;
    this.#size = blob.size;
    this.#outlet = outlet;
    this.#tell = tell;
    this.#helpers = ports.map((port) => {
      const helper = { port, passed: 0 };
      port.onmessage = ({ data: { rows, error } }) => {
        helper.passed--;
        this.#failure ??= error;
        this.#count(rows ?? 0);
        this.#woken();
      };
      port.postMessage({ input: { side, name, options, blob } });
      return helper;
    });
  }

  /** A helper that can take more, if there is one. */
  idle() {
    if (this.#failure) throw this.#failure;
    const least = this.#helpers.reduce((a, b) => (b.passed < (a?.passed ?? MAX_PASSED) ? b : a), undefined);
    return least;
  }

  pass(helper, work) {
    helper.passed++;
    helper.port.postMessage({ ...work, index: this.#n_blocks++ }, work.block ? [work.block.buffer] : []);
  }

  /** Sends a block that was profiled here. */
  async send(block) {
    await this.#sendBlocks([block]);
  }

  /** Sends the blocks of a row group. */
  async sendAll(rowGroup) {
    await this.#sendBlocks(all(rowGroup));
  }

  async #sendBlocks(blocks) {
    this.#count(blocks.reduce((sum, block) => sum + block.rows, 0));
    await this.#outlet.send(this.#side, this.#n_blocks++, blocks);
  }

  read(n) {
    this.#bytes += n;
    this.#count(0);
  }

  #count(rows) {
    this.#rows += rows;
    this.#tell(this.#bytes, this.#rows);
  }

  /** Waits until the session has all blocks and the ending. */
  async finish(ending) {
    while (!this.#failure && this.#helpers.some(({ passed }) => passed > 0)) {
      await new Promise((wake) => (this.#woken = wake));
    }
    if (this.#failure) throw this.#failure;
    this.#bytes = this.#size;
    this.#count(0);
    await this.#outlet.end(this.#side, this.#n_blocks, ending);
  }
}

/** The way to the session: not more is under way than it can take, and buffers that it has emptied come back. */
class Outlet {
  #port;
  #spares = [];
  #sent = 0;
  #failure;
  #woken = () => {};

  constructor(port) {
    this.#port = port;
    port.onmessage = ({ data: { error, buffers } }) => {
      this.#sent--;
      this.#failure ??= error;
      this.#spares.push(...buffers);
      this.#woken();
    };
  }

  async send(side, index, blocks) {
    const pieces = blocks.flatMap((block) => this.#pieces(block));
    this.#post({ side, index, pieces }, pieces.map((piece) => piece.buffer));
    await this.#until(MAX_SENT);
  }

  /** All pieces of a block, as they travel; then the block is let go. */
  #pieces(block) {
    const pieces = [];
    for (let n = block.next(); n > 0; n = block.next()) {
      const piece = new Uint8Array(this.#buffer(n), 0, n);
      block.copyTo(piece);
      pieces.push(piece);
    }
    block.free();
    return pieces;
  }

  /** A buffer of at least `n` bytes: one that came back, if it is large enough. */
  #buffer(n) {
    const spare = this.#spares.pop();
    return spare?.byteLength >= n ? spare : new ArrayBuffer(n);
  }

  #post(message, transfer) {
    this.#port.postMessage(message, transfer);
    this.#sent++;
  }

  async end(side, index, ending) {
    this.#post({ side, index, pieces: [], ending }, [ending.buffer]);
    await this.#until(0);
  }

  async #until(most) {
    while (this.#sent > most && !this.#failure) await new Promise((wake) => (this.#woken = wake));
    if (this.#failure) throw this.#failure;
  }
}

/** All that `next` of an object of the engine gives; then the object is let go. */
function all(source) {
  const found = [];
  for (let next = source.next(); next; next = source.next()) found.push(next);
  return found;
}

/** Tells the page how far reading has come, not too often. */
function teller(blob, tell) {
  let toldAt = 0;
  return (bytes, rows) => {
    const now = performance.now();
    if (now - toldAt < TELL_MS && bytes < blob.size) return;
    toldAt = now;
    tell({ bytes, rows });
  };
}

/** A file that can be read from at any place, at once. */
function source(blob) {
  const reader = new FileReaderSync();
  return { range: (start, end) => new Uint8Array(reader.readAsArrayBuffer(blob.slice(start, end))) };
}

async function begins(blob, magic) {
  return (await blob.slice(0, magic.length).text()) === magic;
}

/** What is being read. A stream that only its own reader holds may be collected while it is waited for. */
const reading = new Set();

/** Hands out all bytes in pieces that are used up before the next comes. */
async function slices(blob, take) {
  let reader;
  try {
    // Into one buffer, over and over: half the work of slices in buffers of their own.
    reader = blob.stream().getReader({ mode: "byob" });
  } catch {
    // A browser without such readers.
    for (let at = 0; at < blob.size; at += SLICE) {
      await take(new Uint8Array(await blob.slice(at, at + SLICE).arrayBuffer()));
    }
    return;
  }
  reading.add(reader);
  let buffer = new ArrayBuffer(SLICE);
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(buffer));
    if (done) break;
    await take(value);
    buffer = value.buffer;
  }
  reading.delete(reader);
}
