// Holds what was read of both inputs; compares, judges, draws and exports.
import { failure, serve } from "./answer.js";
import { Arrivals, Session, initSync } from "./session.js";

let wasm;
let arrivals;
let session;

const memory = () => wasm?.memory;

const opened = () => {
  if (!session) throw new Error("nothing was compared yet");
  return session;
};

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
      next.port.postMessage({ error: broken });
    }
  };
  for (const port of ports) port.onmessage = receiveFrom(port);
}

serve(
  {
    start: (module) => void (wasm = initSync({ module })),
    expect({ names, settings, ports }) {
      session?.free();
      arrivals?.free();
      session = undefined;
      arrivals = new Arrivals(...names, settings);
      receive(arrivals, ports);
      return [0, 1].map((side) => arrivals.options(side));
    },
    compare({ settings }) {
      const complete = arrivals;
      // Theirs from now on, whether or not they can be compared.
      arrivals = undefined;
      session = new Session(complete, settings);
      return session.json();
    },
    load({ json }) {
      session?.free();
      session = Session.fromReport(json);
      return session.json();
    },
    judge: ({ settings }) => opened().judge(settings),
    render: ({ format }) => opened().render(format),
    panel: ({ position }) => opened().panel(position),
    mini: ({ position }) => opened().mini(position),
  },
  memory,
);
