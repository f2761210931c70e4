using System.Runtime.InteropServices;

namespace Packages.TorchSharp.Tests;

public class ErrorTests
{
    [Fact]
    public void Libtorchs_own_message_reaches_the_caller()
    {
        var failure = Assert.Throws<ExternalException>(() => ones(2).add(ones(3)));
        Assert.Contains("The size of tensor a (2) must match the size of tensor b (3)", failure.Message);
    }

    [Fact]
    public void Disposed_tensors_are_refused()
    {
        var gone = ones(1);
        gone.Dispose();
        Assert.Throws<InvalidOperationException>(() => gone.add(1));
        Assert.Throws<InvalidOperationException>(() => ones(1).add(gone));
        Assert.Throws<InvalidOperationException>(() => gone.Handle);
    }

    [Fact]
    public void Bad_arguments_become_exceptions()
    {
        Assert.Throws<ExternalException>(() => ones(2, 3).view(4));
        Assert.Throws<ExternalException>(() => ones(2).index_select(0, tensor(new long[] { 7 })));
        Assert.Throws<ExternalException>(() => ones(2).sum(5));
        Assert.Throws<ExternalException>(() => ones(2).narrow(0, 1, 5));
        Assert.Throws<ExternalException>(() => cat([ones(2, 2), ones(3)]));
        Assert.Throws<ExternalException>(() => ones(2).backward());
        Assert.Throws<ExternalException>(() => ones(2).to(float16).cholesky());
        Assert.ThrowsAny<Exception>(() => ones(2)[5]);
        Assert.ThrowsAny<Exception>(() => ones(2)[0, 0]);
        Assert.Throws<ExternalException>(() => nn.functional.cross_entropy(ones(1, 2), tensor(new long[] { 9 })));
    }

#if STANDIN
    [Fact]
    public void Calls_that_end_the_process_elsewhere_become_exceptions()
    {
        var failure = Assert.Throws<ExternalException>(() => ones(2, 3).matmul(ones(2, 3)));
        Assert.Contains("shapes cannot be multiplied", failure.Message);
        Assert.Throws<ExternalException>(() => ones(2, 2).mm(ones(2, 2).to(float64)));
        Assert.Throws<ExternalException>(() => einsum("ij,jk", ones(2, 2)));
        Assert.Throws<ExternalException>(() => ones(2).add((Tensor)null));
        Assert.Throws<ExternalException>(() => set_num_threads(0));
        Assert.Throws<ExternalException>(() => nn.functional.scaled_dot_product_attention(ones(1), ones(1), ones(1)));
    }

    [Fact]
    public void A_failed_call_on_one_thread_does_not_disturb_another()
    {
        var messages = new string[8];
        Parallel.For(0, messages.Length, i =>
        {
            using var one = ones(2 + i);
            using var other = ones(20);
            messages[i] = Assert.Throws<ExternalException>(() => one.add(other)).Message;
        });
        for (var i = 0; i < messages.Length; i++)
            Assert.Contains($"tensor a ({2 + i})", messages[i]);
    }
#endif

    [Fact]
    public void Writing_to_a_leaf_that_requires_grad_is_refused()
    {
        using var x = ones(1).requires_grad_();
        Assert.Throws<ExternalException>(() => x.add_(1));
        using (no_grad())
            x.add_(1);
        Expect.Values(x, 2);
    }

    [SkippableFact]
    public void Cuda_is_refused_where_there_is_none()
    {
        Skip.If(cuda.is_available());
        Assert.Equal(0, cuda.device_count());
        Assert.ThrowsAny<Exception>(() => ones(1).cuda());
    }

    [SkippableFact]
    public void Tensors_travel_to_the_gpu_and_back()
    {
        Skip.IfNot(cuda.is_available());
        using var there = ones(2, 2).cuda();
        Assert.Equal(DeviceType.CUDA, there.device_type);
        Expect.Values(there.matmul(there).cpu(), 2, 2, 2, 2);
        cuda.synchronize();
    }
}
