using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace MLNetLlm.Models;

/// <summary>Unicode's normalization forms (Unicode Standard Annex 15).</summary>
/// <remarks>
/// <see cref="string.Normalize(NormalizationForm)"/> leaves text as it is where an application runs with invariant
/// globalization, which containers often do, and otherwise follows whichever ICU the machine has. Token ids must not
/// depend on either, so the tables are part of this assembly.
/// </remarks>
internal static class UnicodeForms
{
    private const int HangulBase = 0xAC00;
    private const int LeadingBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailingBase = 0x11A7;
    private const int LeadingCount = 19;
    private const int VowelCount = 21;
    private const int TrailingCount = 28;

    private static readonly Lazy<Tables> Data = new(Tables.Load);

    public static string Normalize(string text, NormalizationForm form)
    {
        int next = IndexOfNonAscii(text, 0);
        if (next == text.Length)
        {
            return text;
        }

        // An ASCII character is only ever changed by marks that follow it, so stretches of others are looked at alone.
        StringBuilder normalized = new(text.Length + 8);
        int place = 0;
        while (next < text.Length)
        {
            int start = Math.Max(place, next - 1);
            int length = text.AsSpan(next).IndexOfAnyInRange('\0', '\u007F');
            int end = length < 0 ? text.Length : next + length;
            normalized.Append(text, place, start - place);
            AppendNormalized(text.AsSpan(start, end - start), form, normalized);
            place = end;
            next = IndexOfNonAscii(text, end);
        }

        return normalized.Append(text, place, text.Length - place).ToString();
    }

    private static int IndexOfNonAscii(string text, int from)
    {
        int index = text.AsSpan(from).IndexOfAnyExceptInRange('\0', '\u007F');
        return index < 0 ? text.Length : from + index;
    }

    private static void AppendNormalized(ReadOnlySpan<char> text, NormalizationForm form, StringBuilder normalized)
    {
        List<(int Point, byte Class)> points = new(text.Length + 8);
        bool compatibility = form is NormalizationForm.FormKC or NormalizationForm.FormKD;
        foreach (Rune rune in text.EnumerateRunes())
        {
            Decompose(rune.Value, compatibility, points);
        }

        Order(points);
        if (form is NormalizationForm.FormC or NormalizationForm.FormKC)
        {
            Compose(points);
        }

        Span<char> units = stackalloc char[2];
        foreach ((int point, _) in points)
        {
            normalized.Append(units[..new Rune(point).EncodeToUtf16(units)]);
        }
    }

    private static void Decompose(int point, bool compatibility, List<(int, byte)> points)
    {
        int syllable = point - HangulBase;
        if (syllable is >= 0 and < LeadingCount * VowelCount * TrailingCount)
        {
            points.Add((LeadingBase + (syllable / (VowelCount * TrailingCount)), 0));
            points.Add((VowelBase + (syllable % (VowelCount * TrailingCount) / TrailingCount), 0));
            if (syllable % TrailingCount != 0)
            {
                points.Add((TrailingBase + (syllable % TrailingCount), 0));
            }
        }
        else if (point >= 0xA0 && Data.Value.Decompositions.TryGetValue(point, out (bool Canonical, int[] Parts) entry) && (entry.Canonical || compatibility))
        {
            foreach (int part in entry.Parts)
            {
                Decompose(part, compatibility, points);
            }
        }
        else
        {
            points.Add((point, Data.Value.Classes.GetValueOrDefault(point)));
        }
    }

    /// <summary>Puts combining marks between two base characters into the order of their classes; equal ones keep their order.</summary>
    private static void Order(List<(int Point, byte Class)> points)
    {
        for (int start = 0; start < points.Count; start++)
        {
            int end = start;
            while (end < points.Count && points[end].Class != 0)
            {
                end++;
            }

            if (end - start > 1)
            {
                // A stable sort, so that a text of nothing but marks costs no more than n log n.
                (int, byte)[] ordered = points[start..end].OrderBy(mark => mark.Class).ToArray();
                ordered.CopyTo(CollectionsMarshal.AsSpan(points)[start..end]);
            }

            start = Math.Max(start, end - 1);
        }
    }

    private static void Compose(List<(int Point, byte Class)> points)
    {
        int starter = -1;
        int written = 0;
        int lastClass = -1;
        for (int read = 0; read < points.Count; read++)
        {
            (int point, byte combining) = points[read];
            bool blocked = lastClass >= combining && lastClass != -1;
            if (starter >= 0 && !blocked && Pair(points[starter].Point, point) is int composed)
            {
                points[starter] = (composed, 0);
                continue;
            }

            if (combining == 0)
            {
                starter = written;
                lastClass = -1;
            }
            else
            {
                lastClass = combining;
            }

            points[written++] = (point, combining);
        }

        points.RemoveRange(written, points.Count - written);
    }

    private static int? Pair(int first, int second)
    {
        if (first - LeadingBase is >= 0 and < LeadingCount && second - VowelBase is >= 0 and < VowelCount)
        {
            return HangulBase + ((((first - LeadingBase) * VowelCount) + second - VowelBase) * TrailingCount);
        }

        if (first - HangulBase is >= 0 and < LeadingCount * VowelCount * TrailingCount
            && (first - HangulBase) % TrailingCount == 0
            && second - TrailingBase is > 0 and < TrailingCount)
        {
            return first + second - TrailingBase;
        }

        return Data.Value.Compositions.TryGetValue((first, second), out int composed) ? composed : null;
    }

    private sealed class Tables
    {
        private const string Resource = "UnicodeDecompositions.txt";

        public Dictionary<int, (bool Canonical, int[] Parts)> Decompositions { get; } = [];

        public Dictionary<(int First, int Second), int> Compositions { get; } = [];

        public Dictionary<int, byte> Classes { get; } = [];

        public static Tables Load()
        {
            using Stream stream = typeof(Tables).Assembly.GetManifestResourceStream(Resource)
                ?? throw new InvalidOperationException($"The assembly {typeof(Tables).Assembly.GetName().Name} should hold the resource {Resource}; it does not.");
            using StreamReader reader = new(stream);
            Tables tables = new();
            while (reader.ReadLine() is string line)
            {
                if (!line.StartsWith('#'))
                {
                    tables.Add(line);
                }
            }

            return tables;
        }

        private void Add(string line)
        {
            int sign = line.AsSpan().IndexOfAny("=>~@");
            if (line[sign] == '@')
            {
                int dash = line.IndexOf('-');
                byte combining = byte.Parse(line.AsSpan(sign + 1), CultureInfo.InvariantCulture);
                for (int point = Hex(line[..dash]); point <= Hex(line[(dash + 1)..sign]); point++)
                {
                    Classes[point] = combining;
                }

                return;
            }

            int code = Hex(line[..sign]);
            int[] parts = Array.ConvertAll(line[(sign + 1)..].Split(' '), Hex);
            Decompositions.Add(code, (line[sign] != '~', parts));
            if (line[sign] == '=')
            {
                Compositions.Add((parts[0], parts[1]), code);
            }
        }

        private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}

/// <summary>Brings text into one of Unicode's normalization forms.</summary>
internal sealed class UnicodeFormNormalizer(NormalizationForm form) : ITextNormalizer
{
    public string Normalize(string text) => UnicodeForms.Normalize(text, form);
}
