import { requestHeaders } from "./settings.js";
import { ServiceError } from "./service.js";

const examples = [
  "WINNER! You have been chosen for a 1000 pound prize. Call 09061701461 now to claim. Valid 12 hours only.",
  "Running late, save me a seat? I'll bring the coffee.",
  "FREE entry in our weekly draw! Text WIN to 80086 now. Stop? text STOP. 150p per msg.",
];

export function connectSpamCheck() {
  const text = document.getElementById("spam-text");
  const verdict = document.getElementById("spam-verdict");
  const share = document.getElementById("spam-probability");
  const meter = document.getElementById("spam-meter");
  const button = document.getElementById("spam-send");
  let next = 0;

  document.getElementById("spam-example").addEventListener("click", () => {
    text.value = examples[next++ % examples.length];
    text.focus();
  });

  document.getElementById("spam-form").addEventListener("submit", async event => {
    event.preventDefault();
    button.disabled = true;
    try {
      const response = await fetch("api/spam", { method: "POST", headers: requestHeaders(), body: JSON.stringify({ text: text.value }) });
      if (!response.ok) throw await ServiceError.from(response);
      const { is_spam: isSpam, probability } = await response.json();
      verdict.textContent = isSpam ? "Spam" : "Not spam";
      share.textContent = `Probability of spam: ${(100 * probability).toFixed(1)}\u00a0%`;
      meter.value = probability;
      meter.hidden = false;
    } catch (error) {
      verdict.textContent = error.message;
      share.textContent = "";
      meter.hidden = true;
    }
    button.disabled = false;
  });
}
