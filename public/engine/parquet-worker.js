import * as reader from "./reader_parquet.js";
import { serveReader } from "./reader-worker.js";

serveReader(reader);
