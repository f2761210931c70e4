using System.Collections;
using System.Collections.Generic;

using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Modules by position; they are registered under their numbers when the list itself is.</summary>
        public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
        {
            private readonly List<T> list = [];
            private bool registered;

            public ModuleList(params T[] modules) : base(nameof(ModuleList<T>)) => list.AddRange(modules);

            public int Count => list.Count;

            public bool IsReadOnly => false;

            public T this[int index]
            {
                get => list[index];
                set => list[index] = value;
            }

            public void append(params T[] parameters) => extend(parameters);

            public void extend(IEnumerable<T> modules)
            {
                foreach (var module in modules)
                    Add(module);
            }

            public void Add(T item)
            {
                if (registered)
                    register_module(list.Count.ToString(), item);
                list.Add(item);
            }

            public void Insert(int index, T item)
            {
                list.Insert(index, item);
                Renumber();
            }

            public bool Remove(T item)
            {
                var removed = list.Remove(item);
                Renumber();
                return removed;
            }

            public void RemoveAt(int index)
            {
                list.RemoveAt(index);
                Renumber();
            }

            public void Clear()
            {
                list.Clear();
                ClearModules();
            }

            public bool Contains(T item) => list.Contains(item);

            public int IndexOf(T item) => list.IndexOf(item);

            public void CopyTo(T[] array, int arrayIndex) => list.CopyTo(array, arrayIndex);

            public IEnumerator<T> GetEnumerator() => list.GetEnumerator();

            IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

            protected override void RegisterComponents()
            {
                if (registered)
                    return;
                registered = true;
                Renumber();
            }

            private void Renumber()
            {
                if (!registered)
                    return;
                ClearModules();
                for (var i = 0; i < list.Count; i++)
                    register_module(i.ToString(), list[i]);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

            public static Modules.ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);
        }
    }
}
