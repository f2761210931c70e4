using System.Globalization;
using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>Text as values: how text files and conversions read numbers, flags and times.</summary>
internal static class ValueParsing
{
    /// <summary>Parsers by type; each says whether the text was understood, and gives the type's missing or default value where not.</summary>
    public delegate bool Parser<T>(ReadOnlySpan<char> text, out T value);

    public static Parser<T> For<T>() => (Parser<T>)(Delegate)(default(T) switch
    {
        sbyte => (Parser<sbyte>)TryParseInteger,
        byte => (Parser<byte>)TryParseInteger,
        short => (Parser<short>)TryParseInteger,
        ushort => (Parser<ushort>)TryParseInteger,
        int => (Parser<int>)TryParseInteger,
        uint => (Parser<uint>)TryParseInteger,
        long => (Parser<long>)TryParseInteger,
        ulong => (Parser<ulong>)TryParseInteger,
        float => (Parser<float>)TryParseSingle,
        double => (Parser<double>)TryParseDouble,
        bool => (Parser<bool>)TryParseBoolean,
        TimeSpan => (Parser<TimeSpan>)((ReadOnlySpan<char> text, out TimeSpan value) =>
            TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value) || text.IsEmpty),
        DateTime => (Parser<DateTime>)((ReadOnlySpan<char> text, out DateTime value) =>
            DateTime.TryParse(text, CultureInfo.InvariantCulture, out value) || text.IsEmpty),
        DateTimeOffset => (Parser<DateTimeOffset>)((ReadOnlySpan<char> text, out DateTimeOffset value) =>
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out value) || text.IsEmpty),
        _ => throw Runtime.Contracts.ExceptNotSupp(null, $"Text cannot be read as {typeof(T)}"),
    });

    private static bool TryParseInteger<T>(ReadOnlySpan<char> text, out T value) where T : struct, IBinaryInteger<T> =>
        T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) || text.IsEmpty;

    private static bool TryParseSingle(ReadOnlySpan<char> text, out float value)
    {
        bool understood = TryParseDouble(text, out double number);
        value = (float)number;
        return understood;
    }

    private static bool TryParseDouble(ReadOnlySpan<char> text, out double value)
    {
        value = text.IsEmpty ? 0 : double.NaN;
        if (text.IsEmpty || text is "?" || text.Equals("NaN", StringComparison.OrdinalIgnoreCase) || text.Equals("NA", StringComparison.OrdinalIgnoreCase))
            return true;
        const NumberStyles styles = NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite | NumberStyles.AllowLeadingSign
            | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (double.TryParse(text, styles, CultureInfo.InvariantCulture, out double number))
        {
            value = number;
            return true;
        }
        return false;
    }

    private static bool TryParseBoolean(ReadOnlySpan<char> text, out bool value)
    {
        Span<char> lower = stackalloc char[5];
        int length = text.Length <= lower.Length ? text.ToLowerInvariant(lower) : 0;
        ReadOnlySpan<char> word = lower[..length];
        value = word is "true" or "t" or "yes" or "y" or "1" or "+1" or "+";
        return value || text.IsEmpty || word is "false" or "f" or "no" or "n" or "0" or "-1" or "-";
    }
}
