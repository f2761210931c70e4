using Samples;

namespace Pretraining;

/// <summary>The text of this sample.</summary>
internal static class TextData
{
    /// <summary>
    /// Tiny Shakespeare: a million characters of the plays, put together by Andrej Karpathy; the text is in the public domain.
    /// </summary>
    public static PublicFile Shakespeare { get; } = new(
        "Tiny Shakespeare",
        "tinyshakespeare_input.txt",
        new Uri("https://raw.githubusercontent.com/karpathy/char-rnn/6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt"),
        "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed");

    public static SampleData Text { get; } = new(Shakespeare, "harbour.txt");
}
