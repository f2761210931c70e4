using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>Reads rows ahead, keeps those of their columns that were asked for, has the mapper compute its own for all of them at once.</summary>
internal sealed class BatchedCursor : DataViewRowCursor
{
    private readonly ColumnBinding binding;
    private readonly DataViewRowCursor input;
    private readonly IDisposable hold;
    private readonly TruncationReport truncation;
    private readonly bool[] active;
    private readonly bool[] activeOutputs;
    private readonly ColumnBuffer?[] inputColumns;
    private readonly ValueGetter<ReadOnlyMemory<char>>[] textGetters = [];
    private readonly ValueGetter<DataViewRowId> idGetter;
    private readonly List<string> texts = [];
    private readonly DataViewRowId[] ids;
    private readonly long[] batches;
    private Array?[] outputs = [];
    private int count;
    private int slot = -1;
    private long position = -1;
    private bool ended;
    private bool disposed;

    public BatchedCursor(IHost host, ColumnBinding binding, bool[] active, DataViewRowCursor input, IDisposable hold)
    {
        this.binding = binding;
        this.active = active;
        this.input = input;
        this.hold = hold;
        activeOutputs = binding.ActiveOutputs(active);
        int capacity = binding.Mapper.RowsAhead;
        truncation = new TruncationReport(host, binding.Texts[0].Name, binding.Mapper.MaximumTokens);
        inputColumns = binding.Input.Select(column => active[column.Index] ? ColumnBuffer.Create(input, input.Schema[column.Index], capacity) : null).ToArray();
        if (activeOutputs.Contains(true))
            textGetters = binding.Texts.Select(text => input.GetGetter<ReadOnlyMemory<char>>(input.Schema[text.Index])).ToArray();
        idGetter = input.GetIdGetter();
        ids = new DataViewRowId[capacity];
        batches = new long[capacity];
    }

    public override DataViewSchema Schema => binding.Output;
    public override long Position => position;
    public override long Batch => slot < 0 ? 0 : batches[slot];

    public override bool IsColumnActive(DataViewSchema.Column column) => active[binding.Checked(column)];

    public override bool MoveNext()
    {
        if (ended)
            return false;
        if (++slot == count && !ReadAhead())
        {
            ended = true;
            slot = -1;
            position = -1;
            truncation.Report();
            return false;
        }
        position++;
        return true;
    }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        binding.CheckGetter<TValue>(column, active);
        if (column.Index < inputColumns.Length)
            return (ValueGetter<TValue>)inputColumns[column.Index]!.Getter(CurrentSlot);
        int output = column.Index - inputColumns.Length;
        ValueCopy<TValue>.Copier copy = ValueCopy<TValue>.Copy;
        return (ref TValue value) =>
        {
            int current = CurrentSlot();
            copy(((TValue[])outputs[output]!)[current], ref value);
        };
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = ids[CurrentSlot()];

    protected override void Dispose(bool disposing)
    {
        if (disposing && !disposed)
        {
            disposed = true;
            ended = true;
            slot = -1;
            truncation.Report();
            input.Dispose();
            hold.Dispose();
        }
        base.Dispose(disposing);
    }

    private int CurrentSlot() => slot >= 0 && slot < count
        ? slot
        : throw new InvalidOperationException(
            "Values cannot be fetched at this time. This method was called either before the first call to MoveNext or after it returned false.");

    private bool ReadAhead()
    {
        count = 0;
        slot = 0;
        texts.Clear();
        ReadOnlyMemory<char> text = default;
        while (count < ids.Length && input.MoveNext())
        {
            foreach (ColumnBuffer? column in inputColumns)
                column?.Read(count);
            foreach (ValueGetter<ReadOnlyMemory<char>> textGetter in textGetters)
            {
                textGetter(ref text);
                texts.Add(text.ToString());
            }
            idGetter(ref ids[count]);
            batches[count] = input.Batch;
            count++;
        }
        if (count > 0 && textGetters.Length > 0)
            outputs = binding.Mapper.Map(texts, activeOutputs, truncation);
        return count > 0;
    }
}
