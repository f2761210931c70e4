import { Conversation } from "./conversation.js";
import { ChatView } from "./chat-view.js";
import { connectSpamCheck } from "./spam.js";
import { connectTheme } from "./theme.js";
import { requestHeaders, samplingSettings } from "./settings.js";
import { streamChat, ServiceError } from "./service.js";

const byId = id => document.getElementById(id);
const view = new ChatView();
let conversation = new Conversation();
let model = null;
let running = null;

async function connect() {
  try {
    const response = await fetch("v1/models", { headers: requestHeaders() });
    if (!response.ok) throw await ServiceError.from(response);
    const [entry] = (await response.json()).data;
    model = entry.id;
    byId("model").textContent = `Model ${entry.id}, context of ${entry.context_length} tokens`;
    view.notice("");
  } catch (error) {
    byId("model").textContent = "Not connected";
    view.notice(error.status === 401 ? "The service asks for an API key: enter it under Settings." : `The service does not answer: ${error.message}`);
  }
}

async function send(text) {
  if (model === null) await connect();
  if (model === null) return;
  view.notice("");
  view.addTurn("user", text);
  // Another conversation may begin before this answer has ended.
  const current = conversation;
  current.ask(text);
  const answer = view.addTurn("assistant", "");
  running = new AbortController();
  view.busy(answer, true);
  const clock = { asked: performance.now(), first: null, done: null, pieces: 0, usage: null, reason: null };
  try {
    await answerInto(current, answer, clock, running.signal);
  } catch (error) {
    clock.reason = error.name === "AbortError" ? "stopped" : "failed";
    if (clock.reason === "failed") view.notice(error.status === 401 ? "The API key is missing or wrong: see Settings." : error.message);
  }
  clock.done = performance.now();
  running = null;
  current.answered(answer.text);
  view.busy(answer, false);
  view.finish(answer, clock);
}

// A conversation outgrows the context sooner or later: the oldest exchange goes, until the rest fits.
async function answerInto(current, answer, clock, signal) {
  for (;;) {
    try {
      const body = { model, stream: true, stream_options: { include_usage: true }, ...samplingSettings(), messages: current.messages(byId("system").value) };
      await streamChat(body, requestHeaders(), signal, chunk => {
        const choice = chunk.choices[0];
        if (chunk.usage) clock.usage = chunk.usage;
        if (choice?.finish_reason) clock.reason = choice.finish_reason;
        if (!choice?.delta?.content) return;
        clock.first ??= performance.now();
        clock.pieces++;
        view.append(answer, choice.delta.content, clock);
      });
      return;
    } catch (error) {
      if (error.code !== "context_length_exceeded" || !current.forgetOldest()) throw error;
      view.notice("The conversation has outgrown the model's context: its oldest messages are no longer sent.");
    }
  }
}

byId("chat-form").addEventListener("submit", event => {
  event.preventDefault();
  const text = byId("message").value.trim();
  if (running !== null || text === "") return;
  byId("message").value = "";
  send(text);
});
byId("message").addEventListener("keydown", event => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    byId("chat-form").requestSubmit();
  }
});
document.addEventListener("keydown", event => {
  if (event.key === "Escape") running?.abort();
});
byId("stop").addEventListener("click", () => {
  running?.abort();
  byId("message").focus();
});
byId("new-chat").addEventListener("click", () => {
  running?.abort();
  conversation = new Conversation();
  view.clear();
  byId("message").focus();
});
byId("api-key").addEventListener("change", connect);
byId("settings-form").addEventListener("submit", event => event.preventDefault());

if (matchMedia("(max-width: 60rem)").matches) byId("settings").open = false;
connectTheme(byId("theme"));
connectSpamCheck();
connect();
