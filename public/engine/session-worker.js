// Holds what was read of both inputs; compares, judges, draws and exports.
import { serve } from "./answer.js";
import { Arrivals, Session, initSync } from "./session.js";

let wasm;
let arrivals;
let session;

const opened = () => {
  if (!session) throw new Error("nothing was compared yet");
  return session;
};

serve(
  {
    start: (module) => void (wasm = initSync({ module })),
    expect() {
      session?.free();
      session = undefined;
      arrivals = new Arrivals();
    },
    head: ({ side, bytes }) => arrivals.head(side, bytes),
    column: ({ side, bytes }) => arrivals.column(side, bytes),
    compare({ settings }) {
      session = new Session(arrivals, settings);
      arrivals = undefined;
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
  () => wasm?.memory.buffer.byteLength ?? 0,
);
