// Holds what was read of both inputs; compares, judges, draws and exports.
import { failure, moving, serve } from "./answer.js";
import { Arrivals, Session, initSync } from "./session.js";

/** Readers that each lead an input; the others help. */
const N_LEADERS = 2;

let wasm;
let arrivals;
let session;

const memory = () => wasm?.memory;

const opened = () => {
  if (!session) throw new Error("nothing was compared yet");
  return session;
};

/**
 * Channels between the session and each of `n` readers, and between those that lead an input and those that help:
 * our ends, and those of each reader.
 */
function wire(n) {
  const ours = [];
  const theirs = [];
  for (let reader = 0; reader < n; reader++) {
    const { port1, port2 } = new MessageChannel();
    ours.push(port1);
    theirs.push({ session: port2, toHelpers: [], toLeaders: [], all: [port2] });
  }
  for (const leader of theirs.slice(0, N_LEADERS)) {
    for (const helper of theirs.slice(N_LEADERS)) {
      const { port1, port2 } = new MessageChannel();
      leader.toHelpers.push(port1);
      leader.all.push(port1);
      helper.toLeaders.push(port2);
      helper.all.push(port2);
    }
  }
  return { ours, theirs };
}

/** Takes blocks from readers, in the order of each input, whoever brings them. */
function receive(arrivals, ports) {
  const waiting = [new Map(), new Map()];
  const nextOf = [0, 0];
  let broken;
  const take = ({ side, pieces, ending }) => {
    for (const piece of pieces) arrivals.take(side, piece);
    if (ending) arrivals.end(side, ending);
  };
  const receiveFrom = (port) => ({ data }) => {
    const { side, index } = data;
    waiting[side].set(index, { data, port });
    for (let next; (next = waiting[side].get(nextOf[side])); nextOf[side]++) {
      waiting[side].delete(nextOf[side]);
      try {
        if (!broken) take(next.data);
      } catch (error) {
        broken = failure(error, memory());
      }
      const buffers = next.data.pieces.map((piece) => piece.buffer);
      next.port.postMessage({ error: broken, buffers }, buffers);
    }
  };
  for (const port of ports) port.onmessage = receiveFrom(port);
}

serve(
  {
    start: (module) => void (wasm = initSync({ module })),
    expect({ names, settings, nReaders }) {
      session?.free();
      arrivals?.free();
      session = undefined;
      arrivals = new Arrivals(...names, settings);
      const { ours, theirs } = wire(nReaders);
      receive(arrivals, ours);
      const answer = { options: [0, 1].map((side) => arrivals.options(side)), ports: theirs };
      return moving(answer, theirs.flatMap(({ all }) => all));
    },
    compare({ settings }) {
      const complete = arrivals;
      // Theirs from now on, whether or not they can be compared.
      arrivals = undefined;
      session = new Session(complete, settings);
      return session.view();
    },
    load({ json }) {
      session?.free();
      session = Session.fromReport(json);
      return session.view();
    },
    judge: ({ settings }) => opened().judge(settings),
    render: ({ format }) => opened().render(format),
    panel: ({ position }) => opened().panel(position),
    mini: ({ position }) => opened().mini(position),
  },
  memory,
);
