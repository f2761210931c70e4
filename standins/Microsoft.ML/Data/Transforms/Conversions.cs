using System.Globalization;
using System.Numerics;

namespace Microsoft.ML.Data;

/// <summary>The conversions between primitive types that lose no kind of information: integers widen or narrow within their sign, and become floating point, flags and text.</summary>
internal static class Conversions
{
    private static readonly HashSet<Type> Signed = [typeof(sbyte), typeof(short), typeof(int), typeof(long)];
    private static readonly HashSet<Type> Unsigned = [typeof(byte), typeof(ushort), typeof(uint), typeof(ulong)];
    private static readonly HashSet<Type> Floating = [typeof(float), typeof(double)];

    private static readonly GenericMethod FromText = new(typeof(Conversions), nameof(ParseGetter));
    private static readonly GenericMethod ToText = new(typeof(Conversions), nameof(FormatGetter));
    private static readonly GenericMethod ToFlag = new(typeof(Conversions), nameof(FlagGetter));
    private static readonly GenericMethod FromFlag = new(typeof(Conversions), nameof(FlagNumberGetter));
    private static readonly GenericMethod FromNumber = new(typeof(Conversions), nameof(NumberGetter));

    public static bool Exists(Type source, Type target) => source == target || target == typeof(ReadOnlyMemory<char>) || source switch
    {
        _ when source == typeof(ReadOnlyMemory<char>) => true,
        _ when target == typeof(bool) => Signed.Contains(source) || Unsigned.Contains(source) || Floating.Contains(source),
        _ when source == typeof(bool) => Signed.Contains(target) || Floating.Contains(target),
        _ when Signed.Contains(source) => Signed.Contains(target) || Floating.Contains(target),
        _ when Unsigned.Contains(source) => Unsigned.Contains(target) || Floating.Contains(target),
        _ => Floating.Contains(source) && Floating.Contains(target),
    };

    public static Delegate MakeGetter(DataViewRow row, DataViewSchema.Column column, Type target)
    {
        Type source = column.Type.ItemType().RawType;
        if (source == target)
            return Columns.GetGetter(row, column);
        if (source == typeof(ReadOnlyMemory<char>))
            return FromText.Call<Delegate>(target, row, column);
        if (target == typeof(ReadOnlyMemory<char>))
            return ToText.Call<Delegate>(source, row, column);
        if (target == typeof(bool))
            return ToFlag.Call<Delegate>(source, row, column);
        return source == typeof(bool) ? FromFlag.Call<Delegate>(target, row, column) : FromNumber.Call<Delegate>(source, row, column, target);
    }

    private static Delegate ParseGetter<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueParsing.Parser<T> parse = ValueParsing.For<T>();
        return ValueMaps.MakeGetter<ReadOnlyMemory<char>, T>(row, column, text =>
        {
            parse(text.Span, out T value);
            return value;
        });
    }

    private static Delegate FormatGetter<T>(DataViewRow row, DataViewSchema.Column column) =>
        ValueMaps.MakeGetter<T, ReadOnlyMemory<char>>(row, column, value => Format(value).AsMemory());

    /// <summary>The text of a value as conversions and text files write it.</summary>
    public static string Format<T>(T value) => value switch
    {
        bool flag => flag ? "1" : "0",
        float number => float.IsNaN(number) ? "?" : number.ToString("R", CultureInfo.InvariantCulture),
        double number => double.IsNaN(number) ? "?" : number.ToString("G17", CultureInfo.InvariantCulture),
        DateTime or DateTimeOffset => ((IFormattable)value).ToString("o", CultureInfo.InvariantCulture),
        TimeSpan span => span.ToString("c"),
        DataViewRowId id => $"0x{id}",
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };

    private static Delegate FlagGetter<T>(DataViewRow row, DataViewSchema.Column column) where T : struct, INumberBase<T> =>
        ValueMaps.MakeGetter<T, bool>(row, column, value => !T.IsZero(value));

    private static Delegate FlagNumberGetter<T>(DataViewRow row, DataViewSchema.Column column) where T : struct, INumberBase<T> =>
        ValueMaps.MakeGetter<bool, T>(row, column, value => value ? T.One : T.Zero);

    private static Delegate NumberGetter<TSource>(DataViewRow row, DataViewSchema.Column column, Type target) where TSource : struct, INumberBase<TSource>
    {
        Delegate To<T>() where T : struct, INumberBase<T> => ValueMaps.MakeGetter<TSource, T>(row, column, T.CreateTruncating);
        return Type.GetTypeCode(target) switch
        {
            TypeCode.SByte => To<sbyte>(),
            TypeCode.Byte => To<byte>(),
            TypeCode.Int16 => To<short>(),
            TypeCode.UInt16 => To<ushort>(),
            TypeCode.Int32 => To<int>(),
            TypeCode.UInt32 => To<uint>(),
            TypeCode.Int64 => To<long>(),
            TypeCode.UInt64 => To<ulong>(),
            TypeCode.Single => To<float>(),
            _ => To<double>(),
        };
    }
}
