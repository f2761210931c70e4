using System.Collections.Generic;
using System.Linq;

using static TorchSharp.torch;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Modules called one after the other, each on the result of the one before.</summary>
        public class Sequential : nn.Module<Tensor, Tensor>
        {
            private readonly List<nn.IModule<Tensor, Tensor>> steps = [];

            protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : base(nameof(Sequential))
            {
                foreach (var module in modules)
                    append(module);
            }

            protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules)
                : base(nameof(Sequential))
            {
                foreach (var (name, module) in modules)
                    append(name, module);
            }

            internal static Sequential Of(IEnumerable<nn.Module<Tensor, Tensor>> modules) => new(modules.ToArray());

            internal static Sequential Of(IEnumerable<(string name, nn.Module<Tensor, Tensor> submodule)> modules) =>
                new(modules.ToArray());

            public int Count => steps.Count;

            public nn.IModule<Tensor, Tensor> this[int index] => steps[index];

            public Sequential append(nn.IModule<Tensor, Tensor> module) => append(steps.Count.ToString(), module);

            public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
            {
                register_module(name, (nn.Module)module);
                steps.Add(module);
                return this;
            }

            public override Tensor forward(Tensor tensor)
            {
                var current = tensor.alias();
                foreach (var step in steps)
                {
                    var next = step.call(current);
                    current.Dispose();
                    current = next;
                }
                return current;
            }
        }
    }

    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.Sequential Sequential() => Modules.Sequential.Of(Enumerable.Empty<Module<Tensor, Tensor>>());

            public static Modules.Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
                Modules.Sequential.Of(modules);

            public static Modules.Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) =>
                Modules.Sequential.Of(modules);

            public static Modules.Sequential Sequential(
                params (string name, Module<Tensor, Tensor> submodule)[] modules) =>
                Modules.Sequential.Of(modules);

            public static Modules.Sequential Sequential(
                IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) =>
                Modules.Sequential.Of(modules);
        }
    }
}
