using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace MLNetLlm.Models.Tests.Tokenization;

public sealed class UnicodeNormalizationSpecifications
{
    // Rows of Unicode's NormalizationTest.txt: source, NFC, NFD, NFKC, NFKD as code points.
    [Theory]
    [InlineData("1E0A", "1E0A", "0044 0307", "1E0A", "0044 0307")]
    [InlineData("1E0A 0323", "1E0C 0307", "0044 0323 0307", "1E0C 0307", "0044 0323 0307")]
    [InlineData("1E0C 031B 0307", "1E0C 031B 0307", "0044 031B 0323 0307", "1E0C 031B 0307", "0044 031B 0323 0307")]
    [InlineData("00A8", "00A8", "00A8", "0020 0308", "0020 0308")]
    [InlineData("FB01", "FB01", "FB01", "0066 0069", "0066 0069")]
    [InlineData("2460", "2460", "2460", "0031", "0031")]
    [InlineData("AC01", "AC01", "1100 1161 11A8", "AC01", "1100 1161 11A8")]
    [InlineData("1100 AC00 11A8", "1100 AC01", "1100 1100 1161 11A8", "1100 AC01", "1100 1100 1161 11A8")]
    [InlineData("0958", "0915 093C", "0915 093C", "0915 093C", "0915 093C")]
    [InlineData("212B", "00C5", "0041 030A", "00C5", "0041 030A")]
    [InlineData("1D15E", "1D157 1D165", "1D157 1D165", "1D157 1D165", "1D157 1D165")]
    [InlineData("0061 0315 0300 05AE 0300 0062", "00E0 05AE 0300 0315 0062", "0061 05AE 0300 0300 0315 0062", "00E0 05AE 0300 0315 0062", "0061 05AE 0300 0300 0315 0062")]
    public void The_standards_own_examples_come_out(string source, string nfc, string nfd, string nfkc, string nfkd)
    {
        foreach ((string form, string expected) in new[] { ("NFC", nfc), ("NFD", nfd), ("NFKC", nfkc), ("NFKD", nfkd) })
        {
            Assert.Equal(expected, Points(Normalized(form, Text(source))));
        }
    }

    [Fact]
    public void Every_form_is_stable_and_follows_from_the_others() =>
        Prop.ForAll(TokenizerTexts.OfAnything, given =>
        {
            string text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(given));
            string[] forms = ["NFC", "NFD", "NFKC", "NFKD"];
            string[] results = forms.Select(form => Normalized(form, text)).ToArray();
            Assert.Equal(results, forms.Select((form, index) => Normalized(form, results[index])));
            Assert.Equal(results[0], Normalized("NFC", results[1]));
            Assert.Equal(results[1], Normalized("NFD", results[0]));
            Assert.Equal(results[2], Normalized("NFC", results[3]));
            Assert.Equal(results[3], Normalized("NFKD", results[0]));
        }).QuickCheckThrowOnFailure();

    private static readonly Dictionary<string, TextTokenizer> ByForm = new[] { "NFC", "NFD", "NFKC", "NFKD" }.ToDictionary(form => form, form =>
    {
        var json = System.Text.Json.Nodes.JsonNode.Parse(TokenizerTestData.Written(TokenizerTestData.Small))!;
        json["normalizer"] = new System.Text.Json.Nodes.JsonObject { ["type"] = form };
        return TokenizerKinds.Read(json.ToJsonString());
    });

    // A byte-level tokenizer gives back what it was given after normalization.
    private static string Normalized(string form, string text) => ByForm[form].Decode(ByForm[form].Encode(text));

    private static string Text(string points) => string.Concat(points.Split(' ').Select(point => char.ConvertFromUtf32(Convert.ToInt32(point, 16))));

    private static string Points(string text) => string.Join(' ', text.EnumerateRunes().Select(rune => rune.Value.ToString("X4")));
}
