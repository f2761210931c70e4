using System.Collections;
using System.Collections.Generic;
using TorchSharp.Utils;

using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Modules by name, in the order in which they were added.</summary>
        public class ModuleDict<T> : nn.Module, IDictionary<string, T>, IList<(string, T)> where T : nn.Module
        {
            private readonly OrderedDict<string, T> entries = new();
            private bool registered;

            public ModuleDict() : base(nameof(ModuleDict<T>))
            {
            }

            public int Count => entries.Count;

            public bool IsReadOnly => false;

            public ICollection<string> Keys => entries.Keys;

            public ICollection<T> Values => entries.Values;

            public T this[string key]
            {
                get => entries[key];
                set
                {
                    entries[key] = value;
                    Reregister();
                }
            }

            public (string, T) this[int index]
            {
                get => entries[index];
                set
                {
                    entries[index] = value;
                    Reregister();
                }
            }

            public void Add(string key, T value)
            {
                entries.Add(key, value);
                Reregister();
            }

            public void Add((string, T) item) => Add(item.Item1, item.Item2);

            public void Add(KeyValuePair<string, T> item) => Add(item.Key, item.Value);

            public void Insert(int index, (string, T) item)
            {
                entries.Insert(index, item);
                Reregister();
            }

            public bool Remove(string key)
            {
                var removed = entries.Remove(key);
                Reregister();
                return removed;
            }

            public bool Remove((string, T) item) => entries.Contains(item) && Remove(item.Item1);

            public bool Remove(KeyValuePair<string, T> item) => Remove((item.Key, item.Value));

            public void RemoveAt(int index) => Remove(entries[index].Item1);

            public void Clear()
            {
                entries.Clear();
                ClearModules();
            }

            public void clear() => Clear();

            public bool ContainsKey(string key) => entries.ContainsKey(key);

            public bool Contains((string, T) item) => entries.Contains(item);

            public bool Contains(KeyValuePair<string, T> item) => entries.Contains(item);

            public bool TryGetValue(string key, out T value) => entries.TryGetValue(key, out value);

            public int IndexOf((string, T) item) => entries.IndexOf(item);

            public void CopyTo((string, T)[] array, int arrayIndex) => entries.CopyTo(array, arrayIndex);

            public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex) => entries.CopyTo(array, arrayIndex);

            public IEnumerator<(string, T)> items() => GetEnumerator();

            public IEnumerable<string> keys() => entries.keys();

            public IEnumerable<T> values() => entries.values();

            public IEnumerator<(string, T)> GetEnumerator() => entries.GetEnumerator();

            IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() =>
                ((IEnumerable<KeyValuePair<string, T>>)entries).GetEnumerator();

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

            protected override void RegisterComponents()
            {
                if (registered)
                    return;
                registered = true;
                Reregister();
            }

            private void Reregister()
            {
                if (!registered)
                    return;
                ClearModules();
                foreach (var (name, module) in entries)
                    register_module(name, module);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ModuleDict<Module> ModuleDict(params (string, Module)[] modules) =>
                ModuleDict<Module>(modules);

            public static Modules.ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module
            {
                var result = new Modules.ModuleDict<T>();
                foreach (var (name, module) in modules)
                    result.Add(name, module);
                return result;
            }
        }
    }
}
