using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public unsafe bool requires_grad
        {
            get
            {
                int result;
                Check(shim_requires_grad(Handle, &result));
                return result != 0;
            }

            set => Check(shim_set_requires_grad(Handle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true) => with_requires_grad(requires_grad);

        public Tensor with_requires_grad(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public unsafe bool is_leaf
        {
            get
            {
                int result;
                Check(shim_is_leaf(Handle, &result));
                return result != 0;
            }
        }

        /// <summary>The accumulated gradient as a new reference, or null.</summary>
        public unsafe Tensor grad
        {
            get
            {
                nint result;
                Check(shim_grad(Handle, &result));
                return Adopt(result);
            }

            set => Check(shim_set_grad(Handle, value is null ? 0 : value.Handle));
        }

        public void retain_grad() => Check(shim_retain_grad(Handle));

        public void backward() => autograd.backward([this]);

        public Tensor detach() => Operators.detach.Call(this);

        public Tensor detach_() => Operators.detach_.Mutate(this);
    }
}
