/** An error that the service reports, in OpenAI's shape or as problem details. */
export class ServiceError extends Error {
  constructor(message, code, status) {
    super(message);
    this.code = code;
    this.status = status;
  }

  static async from(response) {
    const body = await response.json().catch(() => null);
    const error = body?.error ?? body ?? {};
    return new ServiceError(error.message ?? error.detail ?? `The service answered with status ${response.status}.`, error.code, response.status);
  }
}

/** Asks for an answer and hands out its chunks as they come. */
export async function streamChat(body, headers, signal, onChunk) {
  const response = await fetch("v1/chat/completions", { method: "POST", headers, signal, body: JSON.stringify(body) });
  if (!response.ok) throw await ServiceError.from(response);
  for await (const data of events(response.body)) {
    if (data === "[DONE]") return;
    const chunk = JSON.parse(data);
    if (chunk.error) throw new ServiceError(chunk.error.message, chunk.error.code, response.status);
    onChunk(chunk);
  }
  throw new ServiceError("The connection ended before the answer did.", "connection_lost", response.status);
}

/** The data of server-sent events. */
async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const lines = part.split("\n").filter(line => line.startsWith("data:")).map(line => line.slice(5).trimStart());
      if (lines.length > 0) yield lines.join("\n");
    }
  }
}
