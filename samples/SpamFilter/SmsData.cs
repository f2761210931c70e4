using Samples;

namespace SpamFilter;

/// <summary>The messages of this sample.</summary>
internal static class SmsData
{
    /// <summary>The SMS Spam Collection (Almeida and Hidalgo, https://doi.org/10.24432/C5CC84).</summary>
    public static PublicFile Collection { get; } = new(
        "The SMS Spam Collection",
        "SMSSpamCollection",
        new Uri("https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip"),
        "7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d") { IsInArchive = true };

    public static SampleData Messages { get; } = new(Collection, "messages.tsv");
}
