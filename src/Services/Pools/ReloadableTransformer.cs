using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Services;

/// <summary>
/// A transformer whose model can be changed while prediction engines made from it are at work: each prediction, from its first
/// column to its last, is of one model, and the next one of the newest. No engine has to be replaced, so none can be left over.
/// </summary>
/// <remarks>
/// A pool puts an engine that is returned after a reload among the new ones; were engines bound to a model for good, its old
/// model would go on answering.
/// </remarks>
internal sealed class ReloadableTransformer(ITransformer model) : ITransformer
{
    private readonly Lock gate = new();
    private readonly List<WeakReference<ReloadableRow>> rows = [];
    private ModelGeneration current = new(model);

    public ModelGeneration Current => Volatile.Read(ref current);

    public bool IsRowToRowMapper => Current.Model.IsRowToRowMapper;

    public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => Current.Model.GetOutputSchema(inputSchema);

    public IDataView Transform(IDataView input) => Current.GiveOut().Transform(input);

    public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) =>
        new ReloadableMapper(this, Current.Model.GetRowToRowMapper(inputSchema));

    void ICanSaveModel.Save(ModelSaveContext ctx) => Current.Model.Save(ctx);

    public void Follow(ReloadableRow row)
    {
        lock (gate)
        {
            rows.RemoveAll(reference => !reference.TryGetTarget(out _));
            rows.Add(new WeakReference<ReloadableRow>(row));
        }
    }

    /// <summary>
    /// Changes the model. When this returns, no prediction of the old model is running or will be, and it has been disposed of,
    /// unless data was transformed with it in bulk.
    /// </summary>
    public void Replace(ITransformer next)
    {
        ModelGeneration old;
        lock (gate)
        {
            old = current;
            Volatile.Write(ref current, new ModelGeneration(next));
        }

        LetGo(old);
        old.Retire();
    }

    /// <summary>Waits for predictions that are running; what was made from this holds none of the model's memory then.</summary>
    public void LetGo() => LetGo(Current);

    /// <summary>Frees the model; predictions after that fail.</summary>
    public void Dispose()
    {
        LetGo();
        Current.Retire();
    }

    private void LetGo(ModelGeneration generation)
    {
        ReloadableRow[] bound;
        lock (gate)
        {
            bound = [.. rows.Select(reference => reference.TryGetTarget(out var row) ? row : null).OfType<ReloadableRow>()];
        }

        foreach (var row in bound)
        {
            row.LetGo(generation);
        }
    }

    private sealed class ReloadableMapper(ReloadableTransformer owner, IRowToRowMapper first) : IRowToRowMapper
    {
        public DataViewSchema InputSchema => first.InputSchema;

        public DataViewSchema OutputSchema => first.OutputSchema;

        public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
            first.GetDependencies(dependingColumns);

        public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
        {
            var row = new ReloadableRow(owner, input, OutputSchema, activeColumns);
            owner.Follow(row);
            return row;
        }
    }
}

/// <summary>One of the models that a <see cref="ReloadableTransformer"/> has had.</summary>
internal sealed class ModelGeneration(ITransformer model)
{
    private volatile bool isGivenOut;

    public ITransformer Model => model;

    /// <summary>The model for a use whose end nobody will know; it is then left to the garbage collector.</summary>
    public ITransformer GiveOut()
    {
        isGivenOut = true;
        return model;
    }

    public void Retire()
    {
        if (!isGivenOut)
        {
            (model as IDisposable)?.Dispose();
        }
    }
}
