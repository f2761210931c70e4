namespace MLNetLlm.ChatService.Tests;

/// <summary>Finds text on the page with less contrast than the accessibility guidelines want: 4.5 to 1.</summary>
internal static class Contrast
{
    public const string Script =
        """
        () => {
          const channels = color => {
            const canvas = new OffscreenCanvas(1, 1).getContext("2d");
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const luminance = ([red, green, blue]) => {
            const [r, g, b] = [red, green, blue].map(value => value / 255).map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const ground = element => {
            for (let at = element; at; at = at.parentElement) {
              const color = channels(getComputedStyle(at).backgroundColor);
              if (color[3] === 255) return color;
            }
            return [255, 255, 255];
          };
          return [...document.querySelectorAll("body *")]
            .filter(element => element.checkVisibility() && [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim() !== ""))
            .map(element => {
              const [lighter, darker] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))].sort((a, b) => b - a);
              return { element, ratio: (lighter + 0.05) / (darker + 0.05) };
            })
            .filter(({ ratio }) => ratio < 4.5)
            .map(({ element, ratio }) => `${element.tagName} "${element.textContent.trim().slice(0, 30)}": ${ratio.toFixed(2)}`);
        }
        """;
}
