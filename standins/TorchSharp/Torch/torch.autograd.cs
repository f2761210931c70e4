using System;
using System.Collections.Generic;
using System.Linq;

using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public static partial class autograd
    {
        public static void backward(
            Tensor tensor, IList<Tensor> grad_tensors = null, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor> inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);

        public static void backward(
            Tensor tensor, Tensor grad_tensor, bool? retain_graph = null, bool create_graph = false,
            IList<Tensor> inputs = null) =>
            backward([tensor], [grad_tensor], retain_graph, create_graph, inputs);

        public static unsafe void backward(
            IList<Tensor> tensors, IList<Tensor> grad_tensors = null, bool? retain_graph = null,
            bool create_graph = false, IList<Tensor> inputs = null)
        {
            inputs ??= Array.Empty<Tensor>();
            fixed (nint* outputs = Handles(tensors), gradients = Handles(grad_tensors, tensors.Count), wanted = Handles(inputs))
                Check(shim_backward(
                    outputs, gradients, tensors.Count, wanted, inputs.Count,
                    retain_graph ?? create_graph ? 1 : 0, create_graph ? 1 : 0));
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
            GC.KeepAlive(inputs);
        }

        public static unsafe IList<Tensor> grad(
            IList<Tensor> outputs, IList<Tensor> inputs, IList<Tensor> grad_outputs = null, bool retain_graph = false,
            bool create_graph = false, bool allow_unused = false)
        {
            var results = new nint[inputs.Count];
            fixed (nint* sources = Handles(outputs), gradients = Handles(grad_outputs, outputs.Count))
            fixed (nint* wanted = Handles(inputs), target = results)
                Check(shim_gradients_of(
                    sources, gradients, outputs.Count, wanted, inputs.Count,
                    retain_graph || create_graph ? 1 : 0, create_graph ? 1 : 0, allow_unused ? 1 : 0, target));
            GC.KeepAlive(outputs);
            GC.KeepAlive(inputs);
            GC.KeepAlive(grad_outputs);
            return results.Select(Tensor.Adopt).ToList();
        }

        private static nint[] Handles(IList<Tensor> tensors) => tensors.Select(tensor => (nint)tensor.Handle).ToArray();

        /// <summary>Gradients by output; a missing list or entry stands for the implicit 1 of a scalar.</summary>
        private static nint[] Handles(IList<Tensor> gradients, int count)
        {
            if (gradients is null)
                return new nint[count];
            if (gradients.Count != count)
                throw new ArgumentException($"got {count} tensors and {gradients.Count} gradients");
            return gradients.Select(tensor => tensor is null ? 0 : (nint)tensor.Handle).ToArray();
        }
    }
}
