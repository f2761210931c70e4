using System;

namespace TorchSharp;

/// <summary>Knows the dispose scopes of one thread and counts what happens to tensors on it.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager current;

    internal static DisposeScopeManager Current => current ??= new DisposeScopeManager();

    public static ThreadDisposeScopeStatistics Statistics => Current.ThreadStatistics;

    internal ThreadDisposeScopeStatistics ThreadStatistics { get; } = new();

    internal DisposeScope Scope { get; private set; }

    internal DisposeScope OpenScope() => Scope = new DisposeScope(this, Scope);

    internal void Register(torch.Tensor tensor)
    {
        if (Scope is null)
        {
            ThreadStatistics.CreatedOutsideScopeCount++;
        }
        else
        {
            ThreadStatistics.CreatedInScopeCount++;
            Scope.Add(tensor);
        }
    }

    internal void CountDisposal(torch.Tensor tensor)
    {
        if (tensor.OwningDisposeScope is null)
            ThreadStatistics.DisposedOutsideScopeCount++;
        else
            ThreadStatistics.DisposedInScopeCount++;
    }

    /// <summary>Takes a scope off the chain; scopes need not be closed in the order they were opened.</summary>
    internal void Remove(DisposeScope closed)
    {
        if (ReferenceEquals(Scope, closed))
        {
            Scope = closed.OuterScope;
            return;
        }
        for (var scope = Scope; scope is not null; scope = scope.OuterScope)
        {
            if (ReferenceEquals(scope.OuterScope, closed))
            {
                scope.OuterScope = closed.OuterScope;
                return;
            }
        }
    }
}

/// <summary>What happened to tensors on one thread.</summary>
public class ThreadDisposeScopeStatistics
{
    public long CreatedOutsideScopeCount { get; internal set; }

    public long CreatedInScopeCount { get; internal set; }

    public long DisposedInScopeCount { get; internal set; }

    public long DetachedFromScopeCount { get; internal set; }

    public long ThreadTotalLiveCount =>
        CreatedInScopeCount - DisposedInScopeCount + CreatedOutsideScopeCount - DisposedOutsideScopeCount;

    internal long DisposedOutsideScopeCount { get; set; }

    public void Reset()
    {
        CreatedOutsideScopeCount = 0;
        DisposedOutsideScopeCount = 0;
        CreatedInScopeCount = 0;
        DisposedInScopeCount = 0;
        DetachedFromScopeCount = 0;
    }
}

public static partial class torch
{
    public static DisposeScope NewDisposeScope() => DisposeScopeManager.Current.OpenScope();

    public static DisposeScope CurrentDisposeScope => DisposeScopeManager.Current.Scope;

    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
