using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp.Utils;

/// <summary>A dictionary that keeps its entries in the order in which they were added.</summary>
public class OrderedDict<TKey, TValue> : IDictionary<TKey, TValue>, IList<(TKey, TValue)>
{
    private readonly List<(TKey, TValue)> entries = [];
    private readonly Dictionary<TKey, TValue> byKey = [];

    public int Count => entries.Count;

    public bool IsReadOnly => false;

    public ICollection<TKey> Keys => entries.Select(entry => entry.Item1).ToList();

    public ICollection<TValue> Values => entries.Select(entry => entry.Item2).ToList();

    public TValue this[TKey key]
    {
        get => byKey[key];
        set
        {
            if (!byKey.ContainsKey(key))
            {
                Add(key, value);
                return;
            }
            byKey[key] = value;
            entries[PositionOf(key)] = (key, value);
        }
    }

    public (TKey, TValue) this[int index]
    {
        get => entries[index];
        set
        {
            var key = entries[index].Item1;
            if (!byKey.Comparer.Equals(key, value.Item1) && byKey.ContainsKey(value.Item1))
                throw new ArgumentException($"An entry with the key '{value.Item1}' exists already.");
            byKey.Remove(key);
            byKey.Add(value.Item1, value.Item2);
            entries[index] = value;
        }
    }

    public void Add(TKey key, TValue value)
    {
        byKey.Add(key, value);
        entries.Add((key, value));
    }

    public void Add((TKey, TValue) item) => Add(item.Item1, item.Item2);

    public void Add(KeyValuePair<TKey, TValue> item) => Add(item.Key, item.Value);

    public void Insert(int index, (TKey, TValue) item)
    {
        byKey.Add(item.Item1, item.Item2);
        entries.Insert(index, item);
    }

    public bool Remove(TKey key)
    {
        if (!byKey.Remove(key))
            return false;
        entries.RemoveAt(PositionOf(key));
        return true;
    }

    public bool Remove((TKey, TValue) item) => Contains(item) && Remove(item.Item1);

    public bool Remove(KeyValuePair<TKey, TValue> item) => Remove((item.Key, item.Value));

    public void RemoveAt(int index) => Remove(entries[index].Item1);

    public void Clear()
    {
        byKey.Clear();
        entries.Clear();
    }

    public void clear() => Clear();

    public bool ContainsKey(TKey key) => byKey.ContainsKey(key);

    public bool Contains((TKey, TValue) item) => entries.Contains(item);

    public bool Contains(KeyValuePair<TKey, TValue> item) => Contains((item.Key, item.Value));

    public bool TryGetValue(TKey key, out TValue value) => byKey.TryGetValue(key, out value);

    public int IndexOf((TKey, TValue) item) => entries.IndexOf(item);

    public void CopyTo((TKey, TValue)[] array, int arrayIndex) => entries.CopyTo(array, arrayIndex);

    public void CopyTo(KeyValuePair<TKey, TValue>[] array, int arrayIndex)
    {
        foreach (var (key, value) in entries)
            array[arrayIndex++] = new KeyValuePair<TKey, TValue>(key, value);
    }

    public IEnumerator<(TKey, TValue)> items() => GetEnumerator();

    public IEnumerable<TKey> keys() => Keys;

    public IEnumerable<TValue> values() => Values;

    public IEnumerator<(TKey, TValue)> GetEnumerator() => entries.GetEnumerator();

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() =>
        entries.Select(entry => new KeyValuePair<TKey, TValue>(entry.Item1, entry.Item2)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int PositionOf(TKey key) => entries.FindIndex(entry => byKey.Comparer.Equals(entry.Item1, key));
}
