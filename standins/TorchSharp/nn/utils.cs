using System.Collections.Generic;
using System.Linq;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients so that their joint norm is at most max_norm; gives the norm before that.</summary>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2)
            {
                using var mode = no_grad();
                var gradients = GradientsOf(tensors);
                if (gradients.Count == 0)
                    return 0;
                var norms = gradients.ConvertAll(gradient => Operators.linalg_vector_norm.Call(gradient, norm_type));
                using var stacked = stack(norms);
                using var joint = Operators.linalg_vector_norm.Call(stacked, norm_type);
                norms.ForEach(norm => norm.Dispose());
                var total = joint.ToDouble();
                var scale = max_norm / (total + 1e-6);
                foreach (var gradient in gradients)
                {
                    if (scale < 1)
                        gradient.mul_((Scalar)scale);
                    gradient.Dispose();
                }
                return total;
            }

            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var mode = no_grad();
                foreach (var gradient in GradientsOf(tensors))
                {
                    gradient.clamp_((Scalar)(-clip_value), (Scalar)clip_value);
                    gradient.Dispose();
                }
            }

            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors) =>
                cat(tensors.Select(parameter => parameter.view(-1)).ToList());

            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var mode = no_grad();
                var start = 0L;
                foreach (var parameter in tensors)
                {
                    using var part = vec.narrow(0, start, parameter.numel());
                    using var shaped = part.view(parameter.shape);
                    parameter.copy_(shaped);
                    start += parameter.numel();
                }
            }

            private static List<Tensor> GradientsOf(IEnumerable<Parameter> tensors) =>
                tensors.Select(parameter => parameter.grad).Where(gradient => gradient is not null).ToList();
        }
    }
}
