/** What has been said, as the service wants to hear it. */
export class Conversation {
  #turns = [];

  ask(text) {
    this.#turns.push({ role: "user", content: text });
  }

  /** An exchange without an answer is not repeated to the model, which could make nothing of it. */
  answered(text) {
    if (text.trim() === "") this.#turns.pop();
    else this.#turns.push({ role: "assistant", content: text });
  }

  /** @returns whether there was something to forget. */
  forgetOldest() {
    if (this.#turns.length < 3) return false;
    this.#turns.splice(0, 2);
    return true;
  }

  messages(system) {
    const turns = this.#turns.map(turn => ({ ...turn }));
    return system.trim() === "" ? turns : [{ role: "system", content: system.trim() }, ...turns];
  }
}
