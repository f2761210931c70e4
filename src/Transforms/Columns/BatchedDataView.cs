using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>The input's rows with a mapper's columns added, computed for many rows at once.</summary>
internal sealed class BatchedDataView(IHost host, ColumnBinding binding, IDataView input) : IDataView
{
    public DataViewSchema Schema => binding.Output;

    public bool CanShuffle => input.CanShuffle;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        bool[] active = binding.Activate(columnsNeeded);
        IDisposable hold = binding.Mapper.Hold();
        try
        {
            return new BatchedCursor(host, binding, active, input.GetRowCursor(binding.Dependencies(active), rand), hold);
        }
        catch
        {
            hold.Dispose();
            throw;
        }
    }

    /// <summary>One cursor whatever is asked for: a batch keeps all processors busy, and two at a time would only compete.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded, rand)];
}
