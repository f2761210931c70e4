using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MLNetLlm.Transforms;

/// <summary>
/// The way of a prediction engine: a row's columns are computed when the first of them is asked for, one row at a time, or
/// together with rows that other engines ask for at the same time.
/// </summary>
internal sealed class TextRowMapper(IHost host, ColumnBinding binding, RowGathering gathering) : IRowToRowMapper
{
    public DataViewSchema InputSchema => binding.Input;
    public DataViewSchema OutputSchema => binding.Output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        binding.Dependencies(binding.Activate(dependingColumns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Schema != InputSchema)
            throw host.Process(new ArgumentOutOfRangeException(nameof(input), "Schema did not match original schema"));
        return new MappedRow(host, binding, gathering, binding.Activate(activeColumns), input);
    }

    private sealed class MappedRow : DataViewRow
    {
        private readonly ColumnBinding binding;
        private readonly RowGathering gathering;
        private readonly DataViewRow input;
        private readonly bool[] active;
        private readonly bool[] askedFor;
        private readonly IDisposable hold;
        private readonly TruncationReport truncation;
        private readonly ValueGetter<ReadOnlyMemory<char>>[] textGetters = [];
        private Array?[] outputs = [];
        private int index;
        private long computedPosition = -1;

        public MappedRow(IHost host, ColumnBinding binding, RowGathering gathering, bool[] active, DataViewRow input)
        {
            this.binding = binding;
            this.gathering = gathering;
            this.input = input;
            this.active = active;
            askedFor = new bool[binding.Mapper.Outputs.Count];
            truncation = new TruncationReport(host, binding.Texts[0].Name, binding.Mapper.MaximumTokens, endless: true);
            if (binding.ActiveOutputs(active).Contains(true))
                textGetters = binding.Texts.Select(text => input.GetGetter<ReadOnlyMemory<char>>(input.Schema[text.Index])).ToArray();
            hold = binding.Mapper.Hold();
        }

        public override DataViewSchema Schema => binding.Output;
        public override long Position => input.Position;
        public override long Batch => input.Batch;

        public override bool IsColumnActive(DataViewSchema.Column column) => active[binding.Checked(column)];

        public override ValueGetter<DataViewRowId> GetIdGetter() => input.GetIdGetter();

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            binding.CheckGetter<TValue>(column, active);
            if (column.Index < binding.Input.Count)
                return input.GetGetter<TValue>(input.Schema[column.Index]);
            // An engine activates every column; the ones that its output class has are those whose getters it takes.
            int output = column.Index - binding.Input.Count;
            askedFor[output] = true;
            computedPosition = -1;
            ValueCopy<TValue>.Copier copy = ValueCopy<TValue>.Copy;
            return (ref TValue value) =>
            {
                Compute();
                copy(((TValue[])outputs[output]!)[index], ref value);
            };
        }

        // ML.NET disposes a prediction engine's input row only; the hold lets go by itself when this row is collected.
        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                hold.Dispose();
                input.Dispose();
            }
            base.Dispose(disposing);
        }

        private void Compute()
        {
            if (computedPosition < 0 || computedPosition != input.Position)
            {
                ReadOnlyMemory<char> text = default;
                var texts = new string[textGetters.Length];
                for (int i = 0; i < texts.Length; i++)
                {
                    textGetters[i](ref text);
                    texts[i] = text.ToString();
                }
                (outputs, index) = gathering.Map(texts, askedFor, truncation);
                computedPosition = input.Position;
            }
        }
    }
}
