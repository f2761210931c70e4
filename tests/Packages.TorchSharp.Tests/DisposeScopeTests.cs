namespace Packages.TorchSharp.Tests;

public class DisposeScopeTests
{
    [Fact]
    public void A_scope_disposes_what_was_made_in_it()
    {
        Tensor inner, moved, detached;
        using var outside = ones(1);
        using (var outer = NewDisposeScope())
        {
            using (var scope = NewDisposeScope())
            {
                inner = ones(1);
                moved = ones(1).MoveToOuterDisposeScope();
                detached = ones(1).DetachFromDisposeScope();
                Assert.True(scope.Contains(inner));
                Assert.False(scope.Contains(moved));
                Assert.Equal(1, scope.DisposablesCount);
            }
            Assert.True(inner.IsInvalid);
            Assert.False(moved.IsInvalid);
            Assert.Same(outer, CurrentDisposeScope);
        }
        Assert.True(moved.IsInvalid);
        Assert.False(detached.IsInvalid);
        Assert.False(outside.IsInvalid);
        Assert.Null(CurrentDisposeScope);
        detached.Dispose();
    }

    [Fact]
    public void A_tensor_disposed_early_leaves_its_scope()
    {
        using var scope = NewDisposeScope();
        var first = ones(1);
        var second = ones(1);
        var third = ones(1);
        first.Dispose();
        first.Dispose();
        Assert.Equal(2, scope.DisposablesCount);
        scope.DisposeEverythingBut(third);
        Assert.True(second.IsInvalid);
        Assert.False(third.IsInvalid);
        Assert.Equal(1, scope.DisposablesCount);
        scope.DisposeEverything();
        Assert.True(third.IsInvalid);
    }

    [Fact]
    public void Tensors_move_between_scopes_and_attach_to_them()
    {
        using var outer = NewDisposeScope();
        using var free = ones(1).DetachFromDisposeScope();
        var anchor = ones(1);
        Tensor kept;
        using (NewDisposeScope())
        {
            kept = (anchor + 1).MoveToOtherDisposeScope(anchor);
            outer.Attach(free);
        }
        Assert.False(kept.IsInvalid);
        Assert.True(outer.Contains(kept));
        Assert.True(outer.Contains(free));
    }

    [Fact]
    public void A_parameter_takes_the_place_of_its_data()
    {
        using var scope = NewDisposeScope();
        var data = ones(2);
        var parameter = nn.Parameter(data);
        Assert.True(data.IsInvalid);
        Assert.True(scope.Contains(parameter));
        Assert.True(parameter.requires_grad);
    }

    [Fact]
    public void Statistics_count_what_happens_on_the_thread() => OnOwnThread(() =>
    {
        var statistics = DisposeScopeManager.Statistics;
        statistics.Reset();
        var free = ones(1);
        Assert.Equal(1, statistics.CreatedOutsideScopeCount);
        using (NewDisposeScope())
        {
            ones(1);
            ones(1).DetachFromDisposeScope();
            Assert.Equal(2, statistics.CreatedInScopeCount);
            Assert.Equal(1, statistics.DetachedFromScopeCount);
            Assert.Equal(3, statistics.ThreadTotalLiveCount);
        }
        Assert.Equal(1, statistics.DisposedInScopeCount);
        free.Dispose();
        Assert.Equal(1, statistics.ThreadTotalLiveCount);
    });

    [Fact]
    public void Scopes_belong_to_their_thread()
    {
        using var scope = NewDisposeScope();
        OnOwnThread(() =>
        {
            Assert.Null(CurrentDisposeScope);
            using var local = ones(1);
            Assert.False(scope.Contains(local));
        });
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void Disposing_in_a_loop_keeps_the_number_of_live_tensors_flat()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;
        using var x = ones(4, 4).requires_grad_();
        for (var i = 0; i < 100; i++)
        {
            using var scope = NewDisposeScope();
            (x.matmul(x) + 1).relu().sum().backward();
        }
        Assert.True(Tensor.TotalCount - before <= 3, $"{Tensor.TotalCount - before} tensors are left");
    }

    [Fact]
    public void Finalizers_free_what_was_not_disposed()
    {
        var before = Tensor.TotalCount;
        MakeGarbage();
        for (var i = 0; i < 5 && Tensor.TotalCount - before > 20; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.True(Tensor.TotalCount - before <= 20, $"{Tensor.TotalCount - before} tensors are left");
    }

    private static void MakeGarbage()
    {
        for (var i = 0; i < 1000; i++)
            ones(10);
    }

    private static void OnOwnThread(Action body)
    {
        Exception failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new InvalidOperationException("The body on its own thread failed.", failure);
    }
}
