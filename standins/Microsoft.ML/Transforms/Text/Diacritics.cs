namespace Microsoft.ML.Transforms.Text;

/// <summary>Latin letters with diacritics, and the letters that they are without.</summary>
internal static class Diacritics
{
    private static readonly Dictionary<char, char> Plain = new[]
    {
        "AÀÁÂÃÄÅĀĂĄ", "CÇĆĈĊČ", "DĎ", "EÈÉÊËĒĔĖĘĚ", "GĜĞĠĢ", "HĤ", "IÌÍÎÏĨĪĬĮİ", "JĴ", "KĶ", "LĹĻĽ", "NÑŃŅŇ", "OÒÓÔÕÖŌŎŐ", "RŔŖŘ", "SŚŜŞŠ", "TŢŤ",
        "UÙÚÛÜŨŪŬŮŰŲ", "WŴ", "YÝŶŸ", "ZŹŻŽ",
        "aàáâãäåāăą", "cçćĉċč", "dď", "eèéêëēĕėęě", "gĝğġģ", "hĥ", "iìíîïĩīĭį", "jĵ", "kķ", "lĺļľ", "nñńņň", "oòóôõöōŏő", "rŕŗř", "sśŝşš", "tţť",
        "uùúûüũūŭůűų", "wŵ", "yýŷÿ", "zźżž",
    }.SelectMany(group => group.Skip(1).Select(letter => (letter, plain: group[0]))).ToDictionary(pair => pair.letter, pair => pair.plain);

    public static char Remove(char character) => character < '\u00C0' ? character : Plain.GetValueOrDefault(character, character);
}
