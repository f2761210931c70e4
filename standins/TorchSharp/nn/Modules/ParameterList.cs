using System.Collections;
using System.Collections.Generic;

using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Parameters by position; they are registered under their numbers when the list itself is.</summary>
        public class ParameterList : nn.Module, IList<Parameter>
        {
            private readonly List<Parameter> list = [];
            private bool registered;

            public ParameterList(params Parameter[] parameters) : base(nameof(ParameterList)) => list.AddRange(parameters);

            public int Count => list.Count;

            public bool IsReadOnly => false;

            public Parameter this[int index]
            {
                get => list[index];
                set
                {
                    list[index] = value;
                    Renumber();
                }
            }

            public void append(params Parameter[] parameters) => extend(parameters);

            public void extend(IEnumerable<Parameter> parameters)
            {
                list.AddRange(parameters);
                Renumber();
            }

            public void Add(Parameter item) => extend([item]);

            public void Insert(int index, Parameter item)
            {
                list.Insert(index, item);
                Renumber();
            }

            public bool Remove(Parameter item)
            {
                var index = IndexOf(item);
                if (index < 0)
                    return false;
                RemoveAt(index);
                return true;
            }

            public void RemoveAt(int index)
            {
                list.RemoveAt(index);
                Renumber();
            }

            public void Clear()
            {
                list.Clear();
                Renumber();
            }

            // Tensors compare by value; a place in the list belongs to one object.
            public int IndexOf(Parameter item) => list.FindIndex(parameter => ReferenceEquals(parameter, item));

            public bool Contains(Parameter item) => IndexOf(item) >= 0;

            public void CopyTo(Parameter[] array, int arrayIndex) => list.CopyTo(array, arrayIndex);

            public IEnumerator<Parameter> GetEnumerator() => list.GetEnumerator();

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
                _internal_params.Clear();
                for (var i = 0; i < list.Count; i++)
                    register_parameter(i.ToString(), list[i]);
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ParameterList ParameterList(params Modules.Parameter[] parameters) => new(parameters);
        }
    }
}
