using SpamFilter;

namespace MLNetLlm.Samples.Tests;

public sealed class SmsFileTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Reads_labels_and_texts()
    {
        File.WriteAllText(path, "ham\tsee you at six\nspam\tWIN now\n");

        var messages = SmsFile.Read(path);

        Assert.Equal(["see you at six", "WIN now"], messages.Select(message => message.Text));
        Assert.Equal([false, true], messages.Select(message => message.Label));
    }

    [Fact]
    public void Quotation_marks_and_further_tabs_belong_to_the_message()
    {
        File.WriteAllText(path, "ham\t\"quoted\" and \"open\nham\ta\tb");

        Assert.Equal(["\"quoted\" and \"open", "a\tb"], SmsFile.Read(path).Select(message => message.Text));
    }

    [Theory]
    [InlineData("ham\tfine\nhma\ttypo\n", "line 2", "hma<tab>typo")]
    [InlineData("ham\tfine\n\nham\tfine too\nno tab at all\n", "line 4", "no tab at all")]
    [InlineData("ham\tfine\nspam\t \n", "line 2", "after 'spam'")]
    public void A_malformed_line_is_named(string content, string line, string found)
    {
        File.WriteAllText(path, content);

        var error = Assert.Throws<InvalidDataException>(() => SmsFile.Read(path));

        Assert.Contains(path, error.Message);
        Assert.Contains(line + ":", error.Message);
        Assert.Contains(found, error.Message);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_an_error()
    {
        File.WriteAllBytes(path, [.. "ham\tprice "u8, 0xA3, (byte)'5']);

        Assert.Contains("UTF-8", Assert.Throws<InvalidDataException>(() => SmsFile.Read(path)).Message);
    }

    [Fact]
    public void The_shipped_messages_are_distinct_and_about_a_quarter_spam()
    {
        var messages = SmsFile.Read(SmsData.Messages.ShippedFile);

        Assert.InRange(messages.Count, 200, 260);
        Assert.Equal(messages.Count, messages.DistinctBy(message => message.Text).Count());
        Assert.InRange(messages.Average(message => message.Label ? 1.0 : 0.0), 0.2, 0.3);
    }
}
