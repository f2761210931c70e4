using System.Collections;

namespace Microsoft.ML.Internal.Utilities;

/// <summary>A string with its position in the pool that it belongs to.</summary>
internal sealed class NormStr(int id, string value)
{
    public int Id { get; } = id;
    public string Value { get; } = value;

    /// <summary>Distinct strings in the order in which they came.</summary>
    internal sealed class Pool : IEnumerable<NormStr>
    {
        private readonly Dictionary<string, NormStr> _byValue = [];
        private readonly List<NormStr> _all = [];

        public int Count => _all.Count;

        public NormStr Add(string value)
        {
            if (!_byValue.TryGetValue(value, out NormStr item))
            {
                item = new NormStr(_all.Count, value);
                _byValue.Add(value, item);
                _all.Add(item);
            }
            return item;
        }

        public NormStr Add(ReadOnlyMemory<char> value) => Add(value.ToString());

        public IEnumerator<NormStr> GetEnumerator() => _all.GetEnumerator();
        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
