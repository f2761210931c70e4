using Microsoft.ML.Runtime;
using TrainTestData = Microsoft.ML.DataOperationsCatalog.TrainTestData;

namespace Microsoft.ML.Data;

/// <summary>
/// Splits rows by a number in [0, 1): random, the same in every pass, or derived from a key column, so that rows with equal
/// keys stay together.
/// </summary>
internal static class SplitView
{
    private const int DefaultSeed = 42;
    private static readonly GenericMethod KeyHasher = new(typeof(SplitView), nameof(MakeKeyHash));

    public static TrainTestData Fraction(IHostEnvironment env, IDataView data, double testFraction, string keyColumn, int? seed) =>
        Split(data, 0, testFraction, FractionMaker(env, data.Schema, keyColumn, seed), keyColumn);

    public static IEnumerable<TrainTestData> Folds(IHostEnvironment env, IDataView data, int folds, string keyColumn, int? seed)
    {
        Func<DataViewRow, Func<double>> makeFraction = FractionMaker(env, data.Schema, keyColumn, seed);
        return Enumerable.Range(0, folds).Select(fold => Split(data, (double)fold / folds, (double)(fold + 1) / folds, makeFraction, keyColumn));
    }

    private static TrainTestData Split(IDataView data, double lower, double upper, Func<DataViewRow, Func<double>> makeFraction, string keyColumn)
    {
        DataViewSchema.Column[] needed = keyColumn is null ? [] : [data.Schema[keyColumn]];
        IDataView Part(bool isTest) => new RowFilter(data, needed, row =>
        {
            Func<double> fraction = makeFraction(row);
            return () => (fraction() is var value && value >= lower && value < upper) == isTest;
        });
        return new TrainTestData(Part(isTest: false), Part(isTest: true));
    }

    private static Func<DataViewRow, Func<double>> FractionMaker(IHostEnvironment env, DataViewSchema schema, string keyColumn, int? seed)
    {
        int usedSeed = seed ?? (env as LocalEnvironment)?.Seed ?? DefaultSeed;
        if (keyColumn is null)
            return _ => new Random(usedSeed).NextDouble;
        DataViewSchema.Column column = schema.Require(env, "samplingKeyColumn", "SamplingKeyColumn", keyColumn);
        return row => KeyHasher.Call<Func<double>>(column.Type.RawType, row, column, usedSeed);
    }

    private static Func<double> MakeKeyHash<T>(DataViewRow row, DataViewSchema.Column column, int seed)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default;
        return () =>
        {
            getter(ref value);
            string text = value is System.Collections.IEnumerable items ? string.Join('\u001f', items.Cast<object>()) : value.ToString();
            return Hash(text, (uint)seed) / (uint.MaxValue + 1.0);
        };
    }

    // FNV-1a with a final mix: the same in every process, unlike string.GetHashCode.
    private static uint Hash(string text, uint seed)
    {
        uint hash = 2166136261 ^ seed;
        foreach (char character in text)
            hash = (hash ^ character) * 16777619;
        hash ^= hash >> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >> 13;
        hash *= 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }
}
