using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Transforms.Text;

/// <summary>What the transforms of text have in common.</summary>
internal static class TextShapes
{
    private const string Expected = "String or vector of String";

    public static SchemaShape.Column RequireText(IHost host, SchemaShape schema, string name)
    {
        SchemaShape.Column column = schema.Require(host, name);
        return column.ItemType is TextDataViewType
            ? column
            : throw host.ExceptSchemaMismatch("inputSchema", "input", name, Expected, column.ItemType.ToString());
    }

    public static void RequireText(IHost host, DataViewSchema.Column column)
    {
        if (column.Type.ItemType() is not TextDataViewType)
            throw host.ExceptSchemaMismatch("inputSchema", "input", column.Name, Expected, column.Type.ToString());
    }

    /// <summary>A getter of the items that a function adds for each text of a column, be it one or a vector.</summary>
    public static Delegate MakeVectorGetter<T>(DataViewRow row, DataViewSchema.Column column, Action<ReadOnlyMemory<char>, List<T>> add)
    {
        Action<List<T>> collect = Collector(row, column, add);
        var items = new List<T>();
        return (ValueGetter<VBuffer<T>>)((ref VBuffer<T> value) =>
        {
            items.Clear();
            collect(items);
            VBufferEditor<T> editor = VBufferEditor.Create(ref value, items.Count);
            for (int i = 0; i < items.Count; i++)
                editor.Values[i] = items[i];
            value = editor.Commit();
        });
    }

    private static Action<List<T>> Collector<T>(DataViewRow row, DataViewSchema.Column column, Action<ReadOnlyMemory<char>, List<T>> add)
    {
        if (column.Type is not VectorDataViewType)
        {
            ValueGetter<ReadOnlyMemory<char>> getter = row.GetGetter<ReadOnlyMemory<char>>(column);
            ReadOnlyMemory<char> text = default;
            return items =>
            {
                getter(ref text);
                add(text, items);
            };
        }
        ValueGetter<VBuffer<ReadOnlyMemory<char>>> vectorGetter = row.GetGetter<VBuffer<ReadOnlyMemory<char>>>(column);
        VBuffer<ReadOnlyMemory<char>> texts = default;
        return items =>
        {
            vectorGetter(ref texts);
            foreach (ReadOnlyMemory<char> text in texts.GetValues())
                add(text, items);
        };
    }
}
