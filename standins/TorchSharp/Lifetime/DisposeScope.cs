using System;
using System.Collections.Generic;
using System.Linq;

namespace TorchSharp;

/// <summary>
/// Disposes the tensors that were made while it was the innermost scope of its thread. A tensor remembers its place in
/// the list, which makes adding and removing one as cheap as an array access.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private DisposeScopeManager manager;
    private List<torch.Tensor> tensors = [];

    internal DisposeScope(DisposeScopeManager manager, DisposeScope outerScope)
    {
        this.manager = manager;
        OuterScope = outerScope;
    }

    internal DisposeScope OuterScope { get; set; }

    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            ThrowIfDisposed();
            return tensors.ToArray();
        }
    }

    public int DisposablesCount
    {
        get
        {
            ThrowIfDisposed();
            return tensors.Count;
        }
    }

    public T MoveToOuter<T>(T disposable) where T : IDisposable
    {
        MoveToOther(OuterScope, Enumerable.Repeat<IDisposable>(disposable, 1));
        return disposable;
    }

    public (T1, T2) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        MoveToOther(OuterScope, [first, second]);
        return (first, second);
    }

    public (T1, T2, T3) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable where T2 : IDisposable where T3 : IDisposable
    {
        MoveToOther(OuterScope, [first, second, third]);
        return (first, second, third);
    }

    public void MoveToOuter(params IDisposable[] disposables) =>
        MoveToOther(OuterScope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    public T MoveToOther<T>(DisposeScope scope, T disposable) where T : IDisposable
    {
        MoveToOther(scope, Enumerable.Repeat<IDisposable>(disposable, 1));
        return disposable;
    }

    public void MoveToOther(DisposeScope scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope scope, IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        if (scope is null)
        {
            Detach(disposables);
            return;
        }
        foreach (var tensor in disposables.OfType<torch.Tensor>())
        {
            if (Remove(tensor))
                scope.Add(tensor);
        }
    }

    public T Detach<T>(T disposable) where T : IDisposable
    {
        Detach(Enumerable.Repeat<IDisposable>(disposable, 1));
        return disposable;
    }

    public (T1, T2) Detach<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable
    {
        Detach([(IDisposable)first, second]);
        return (first, second);
    }

    public void Detach(params IDisposable[] disposables) => Detach((IEnumerable<IDisposable>)disposables);

    public void Detach(IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        foreach (var tensor in disposables.OfType<torch.Tensor>())
        {
            if (Remove(tensor))
                manager.ThreadStatistics.DetachedFromScopeCount++;
        }
    }

    public void Attach(IDisposable disposable) => Attach(Enumerable.Repeat(disposable, 1));

    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        ThrowIfDisposed();
        var attached = disposables.ToList();
        foreach (var disposable in attached)
        {
            if (disposable is not torch.Tensor tensor)
                throw new InvalidOperationException("DisposeScope can only manage Tensor or PackedSequence");
            if (ReferenceEquals(tensor.OwningDisposeScope, this))
                continue;
            tensor.OwningDisposeScope?.Remove(tensor);
            Add(tensor);
        }
        return attached;
    }

    public void DisposeEverything() => DisposeEverythingBut(Enumerable.Empty<IDisposable>());

    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        ThrowIfDisposed();
        var kept = new HashSet<IDisposable>(inKeep, ReferenceEqualityComparer.Instance);
        var all = tensors;
        tensors = [];
        foreach (var tensor in all)
        {
            if (kept.Contains(tensor))
                Add(tensor);
            else
                tensor.DisposeWithScope();
        }
    }

    public void DisposeEverythingBut(params IDisposable[] keep) =>
        DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeEverythingBut(Enumerable.Repeat<IDisposable>(keep, 1));
        return keep;
    }

    public void MarkAsDisposed(IDisposable disposable)
    {
        ThrowIfDisposed();
        if (disposable is torch.Tensor tensor)
            Remove(tensor);
    }

    public bool Contains(IDisposable disposable) =>
        disposable is torch.Tensor tensor && ReferenceEquals(tensor.OwningDisposeScope, this);

    public void Dispose()
    {
        if (manager is null)
            return;
        foreach (var tensor in tensors)
            tensor.DisposeWithScope();
        tensors = [];
        manager.Remove(this);
        manager = null;
    }

    internal void Add(torch.Tensor tensor)
    {
        tensor.OwningDisposeScope = this;
        tensor.ScopeIndex = tensors.Count;
        tensors.Add(tensor);
    }

    internal bool Remove(torch.Tensor tensor)
    {
        if (!ReferenceEquals(tensor.OwningDisposeScope, this))
            return false;
        var last = tensors[^1];
        tensors[tensor.ScopeIndex] = last;
        last.ScopeIndex = tensor.ScopeIndex;
        tensors.RemoveAt(tensors.Count - 1);
        tensor.OwningDisposeScope = null;
        return true;
    }

    internal void Replace(torch.Tensor original, torch.Tensor replacement)
    {
        tensors[original.ScopeIndex] = replacement;
        replacement.ScopeIndex = original.ScopeIndex;
        replacement.OwningDisposeScope = this;
        original.OwningDisposeScope = null;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(manager is null, this);
}
