// The AWS SDK for JavaScript, version 3, behind the adapter protocol of `ec2wire verify client`.
//
//     ec2wire verify client -- node adapters/aws-sdk-js-v3.mjs [FOLDER]
//
// FOLDER is where @aws-sdk/client-ec2 was installed, with `npm install --prefix FOLDER`; the
// present one where it is left out.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const from = createRequire(resolve(process.argv[2] ?? ".", "index.js"));
const ec2 = from("@aws-sdk/client-ec2");

// What Node says when no whole answer came.
const TRANSPORT = new Set([
  "ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "ERR_STREAM_PREMATURE_CLOSE",
]);

async function call(order) {
  const Command = ec2[`${order.operation}Command`];
  const client = new ec2.EC2Client({
    endpoint: order.endpoint,
    region: order.region,
    credentials: order.credentials,
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  });
  try {
    const { $metadata, ...output } = await client.send(new Command(order.input));
    return { outcome: "ok", output };
  } catch (error) {
    const metadata = error.$metadata ?? {};
    // A parser's error has the answer with it, but is none of the service.
    if (error instanceof ec2.EC2ServiceException) {
      return {
        outcome: "error",
        kind: "service",
        code: error.name,
        message: error.message,
        status: metadata.httpStatusCode,
        requestId: metadata.requestId,
      };
    }
    const lost = TRANSPORT.has(error.code) || error.message === "aborted";
    const kind = lost ? "transport" : "client";
    return { outcome: "error", kind, message: `${error.name}: ${error.message}` };
  } finally {
    client.destroy();
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  process.stdout.write(`${JSON.stringify({ id: order.id, ...await call(order) })}\n`);
}
