using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetLlm.Transforms.Tests;

/// <summary>A row of input with a column of every kind that has to pass through.</summary>
public sealed class Message
{
    public string? Text { get; set; }
    public bool Label { get; set; }
    public float Number { get; set; }
    [VectorType(3)]
    public float[] Vector { get; set; } = new float[3];
    public int[] Ragged { get; set; } = [];
    public DateTime Time { get; set; }

    public static Message[] Many(int count) => Enumerable.Range(0, count).Select(i => new Message
    {
        Text = i % 7 == 3 ? null : string.Concat(Enumerable.Repeat($"word{i % 5} ", i % 13)),
        Label = i % 3 == 0,
        Number = i,
        Vector = [i, i + 0.5f, -i],
        Ragged = Enumerable.Range(i, i % 4).ToArray(),
        Time = new DateTime(2020, 1, 1).AddHours(i),
    }).ToArray();
}

public sealed class TextOnly
{
    public string? Text { get; set; }
}

internal static class Views
{
    public static IDataView OfTexts(this MLContext ml, params string?[] texts) =>
        ml.Data.LoadFromEnumerable(texts.Select(text => new TextOnly { Text = text }));

    public static List<T> Column<T>(this IDataView view, string name)
    {
        DataViewSchema.Column column = view.Schema[name];
        var values = new List<T>();
        using DataViewRowCursor cursor = view.GetRowCursor([column]);
        ValueGetter<T> getter = cursor.GetGetter<T>(column);
        while (cursor.MoveNext())
        {
            T value = default!;
            getter(ref value);
            values.Add(value);
        }
        return values;
    }

    public static List<string> Strings(this IDataView view, string name) =>
        view.Column<ReadOnlyMemory<char>>(name).ConvertAll(text => text.ToString());

    public static List<T[]> Vectors<T>(this IDataView view, string name) =>
        view.Column<VBuffer<T>>(name).ConvertAll(vector => vector.DenseValues().ToArray());
}
