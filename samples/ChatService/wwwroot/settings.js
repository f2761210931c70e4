const valueOf = id => document.getElementById(id).value.trim();

// A field that holds no number asks for the service's default.
const numberOf = id => valueOf(id) === "" || Number.isNaN(Number(valueOf(id))) ? undefined : Number(valueOf(id));

export function samplingSettings() {
  return {
    temperature: numberOf("temperature"),
    top_p: numberOf("top-p"),
    max_completion_tokens: numberOf("max-tokens"),
    seed: numberOf("seed"),
    presence_penalty: numberOf("presence"),
    frequency_penalty: numberOf("frequency"),
  };
}

export function requestHeaders() {
  const key = valueOf("api-key");
  return { "Content-Type": "application/json", ...(key === "" ? {} : { Authorization: `Bearer ${key}` }) };
}
