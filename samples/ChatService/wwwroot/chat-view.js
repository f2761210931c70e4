const endings = {
  stop: "",
  length: "cut at the limit",
  stopped: "stopped",
  failed: "broken off",
};

/** Shows the conversation. Whatever people or the model write is put in as text, never as HTML. */
export class ChatView {
  #log = document.getElementById("log");
  #notice = document.getElementById("notice");
  #send = document.getElementById("send");
  #stop = document.getElementById("stop");
  #announcer = document.getElementById("announcer");

  addTurn(role, text) {
    const item = element("li", `turn ${role}`);
    const words = element("div", "text", text);
    const facts = element("div", "facts");
    item.append(element("div", "who", role === "user" ? "You" : "Model"), words, facts);
    this.#log.append(item);
    this.#scrollToEnd();
    return { item, words, facts, text };
  }

  append(turn, piece, clock) {
    const follows = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 80;
    turn.text += piece;
    turn.words.textContent = turn.text;
    turn.facts.textContent = speedOf(clock);
    if (follows) this.#scrollToEnd();
  }

  /** While a text grows, screen readers wait; they read it when it is there. */
  busy(turn, isBusy) {
    turn.item.classList.toggle("busy", isBusy);
    this.#log.setAttribute("aria-busy", String(isBusy));
    this.#send.hidden = isBusy;
    this.#stop.hidden = !isBusy;
    if (isBusy) this.#announcer.textContent = "The model is answering.";
  }

  finish(turn, clock) {
    const parts = [speedOf(clock), endings[clock.reason] ?? ""];
    if (turn.text === "") parts.unshift("no answer");
    turn.facts.textContent = parts.filter(part => part !== "").join(" · ");
    this.#announcer.textContent = `The answer is complete. ${turn.facts.textContent}`;
    this.#scrollToEnd();
  }

  notice(text) {
    this.#notice.textContent = text;
    this.#notice.hidden = text === "";
  }

  clear() {
    this.#log.replaceChildren();
    this.notice("");
  }

  #scrollToEnd() {
    this.#log.scrollTop = this.#log.scrollHeight;
  }
}

function element(name, className, text = "") {
  const created = document.createElement(name);
  created.className = className;
  created.textContent = text;
  return created;
}

/** Tokens/s count the wait for the first token too: pieces may come in bursts. */
function speedOf(clock) {
  if (clock.first === null) return "";
  const tokens = clock.usage?.completion_tokens ?? clock.pieces;
  const seconds = ((clock.done ?? performance.now()) - clock.asked) / 1000;
  return `${tokens} token${tokens === 1 ? "" : "s"} · ${(tokens / seconds).toFixed(1)} tokens/s · first after ${Math.round(clock.first - clock.asked)} ms`;
}
