import * as reader from "./reader.js";
import { serveReader } from "./reader-worker.js";

serveReader(reader);
