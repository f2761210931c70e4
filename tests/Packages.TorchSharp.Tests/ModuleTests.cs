using TorchSharp.Modules;

namespace Packages.TorchSharp.Tests;

public class ModuleTests
{
    private sealed class Block : nn.Module<Tensor, Tensor>
    {
        private readonly Linear up;
        private readonly LayerNorm norm;
        private readonly ModuleList<nn.Module<Tensor, Tensor>> layers;
        private readonly Parameter scale;
        private readonly Tensor table;

        internal Block() : base("Block")
        {
            up = nn.Linear(3, 3);
            norm = nn.LayerNorm(3, bias: false);
            layers = nn.ModuleList<nn.Module<Tensor, Tensor>>(nn.Linear(3, 3, hasBias: false), nn.Dropout(0.5));
            scale = nn.Parameter(ones(3));
            table = arange(3);
            RegisterComponents();
        }

        internal Parameter Scale => scale;

        internal Tensor Table => table;

        internal Linear Up => up;

        public override Tensor forward(Tensor input) => layers[1].call(layers[0].call(norm.call(up.call(input)))) * scale;
    }

    private sealed class Pair : nn.Module<Tensor, Tensor, Tensor>
    {
        internal Pair() : base(nameof(Pair)) => RegisterComponents();

        public override Tensor forward(Tensor input1, Tensor input2) => input1 + input2;
    }

    [Fact]
    public void Fields_are_registered_under_their_names()
    {
        using var block = new Block();
        Assert.Equal(
            ["layers.0.weight", "norm.weight", "scale", "up.bias", "up.weight"],
            block.named_parameters().Select(entry => entry.name).Order());
        Assert.Equal(["table"], block.named_buffers().Select(entry => entry.name));
        Assert.Equal(["layers", "norm", "up"], block.named_children().Select(entry => entry.name).Order());
        Assert.Equal(["layers", "layers.0", "layers.1", "norm", "up"], block.named_modules().Select(entry => entry.name).Order());
        Assert.Equal(6, block.state_dict().Count);
        Assert.Same(block.Scale, block.get_parameter("scale"));
        Assert.Same(block.Up.weight, block.get_parameter("up.weight"));
        Assert.Null(block.get_parameter("up.nothing"));
        Assert.True(block.has_parameter("layers.0.weight"));
        Assert.True(block.has_buffer("table"));
        Assert.Equal("Block", block.GetName());
    }

    [Fact]
    public void Training_mode_reaches_every_module()
    {
        using var block = new Block();
        using var input = ones(4, 3);
        Assert.True(block.training);
        block.eval();
        Assert.All(block.modules(), module => Assert.False(module.training));
        Expect.Close(block.forward(input), block.call(input), 0);
        block.train();
        Assert.All(block.modules(), module => Assert.True(module.training));
        var visited = 0;
        block.apply(module => visited++);
        Assert.Equal(6, visited);
    }

    [Fact]
    public void States_move_between_modules_and_streams()
    {
        using var source = new Block();
        using var target = new Block();
        using var input = ones(2, 3);
        source.eval();
        target.eval();
        target.load_state_dict(source.state_dict());
        Expect.Close(source.call(input), target.call(input), 0);
        using (no_grad())
            source.Scale.mul_(2);
        var stream = new MemoryStream();
        source.save(stream);
        target.load(new MemoryStream(stream.ToArray()));
        Expect.Close(source.call(input), target.call(input), 0);
        var partial = new Dictionary<string, Tensor> { ["scale"] = ones(3), ["odd"] = ones(1) };
        Assert.Throws<InvalidOperationException>(() => target.load_state_dict(partial));
        var (missing, unexpected) = target.load_state_dict(partial, strict: false);
        Assert.Equal(5, missing.Count);
        Assert.Equal(["odd"], unexpected);
    }

    [Fact]
    public void Conversion_replaces_parameters_in_fields_and_registry_alike()
    {
        using var block = new Block();
        block.to(float64);
        Assert.All(block.parameters(), parameter => Assert.Equal(ScalarType.Float64, parameter.dtype));
        Assert.Same(block.Scale, block.get_parameter("scale"));
        Assert.True(block.Scale.requires_grad);
        block.eval();
        Assert.Equal(ScalarType.Float64, block.call(ones(1, 3, dtype: float64)).dtype);
    }

    [Fact]
    public void Disposal_frees_every_parameter()
    {
        var block = new Block();
        var parameters = block.parameters().ToArray();
        block.Dispose();
        Assert.All(parameters, parameter => Assert.True(parameter.IsInvalid));
        Assert.True(block.Table.IsInvalid);
    }

    [Fact]
    public void Gradients_are_cleared()
    {
        using var linear = nn.Linear(2, 1);
        linear.call(ones(1, 2)).sum().backward();
        Assert.NotNull(linear.weight.grad);
        linear.zero_grad();
        Assert.True(linear.weight.grad is null || linear.weight.grad.abs().sum().item<float>() == 0);
    }

    [Fact]
    public void Hooks_see_and_change_inputs_and_outputs()
    {
        using var pair = new Pair();
        var before = pair.register_forward_pre_hook((module, left, right) => (left * 10, right));
        var after = pair.register_forward_hook((module, left, right, result) => result + 0.5f);
        Expect.Values(pair.call(ones(1), ones(1)), 11.5);
        before.remove();
        after.remove();
        Expect.Values(pair.call(ones(1), ones(1)), 2);
    }

    [Fact]
    public void Sequences_and_collections_register_by_position_or_name()
    {
        using var sequence = nn.Sequential(("first", nn.Linear(2, 3)), ("act", nn.ReLU()), ("last", nn.Linear(3, 1)));
        Assert.Equal(
            ["first.bias", "first.weight", "last.bias", "last.weight"],
            sequence.named_parameters().Select(entry => entry.name).Order());
        Expect.Shape(sequence.call(ones(5, 2)), 5, 1);
        using var plain = nn.Sequential(nn.Linear(2, 2), nn.Tanh());
        Assert.Equal(["0.weight", "0.bias"], plain.named_parameters().Select(entry => entry.name).OrderDescending());
        using var dictionary = nn.ModuleDict(("a", (nn.Module)nn.Linear(1, 1)), ("b", nn.Identity()));
        Assert.Equal(2, dictionary.Count);
        Assert.True(dictionary.ContainsKey("b"));
    }

    [Fact]
    public void Names_must_be_new_and_without_dots()
    {
        using var block = new Block();
        Assert.Throws<InvalidOperationException>(() => block.register_module("up", nn.Identity()));
        Assert.Throws<ArgumentException>(() => block.register_module("a.b", nn.Identity()));
        Assert.Throws<InvalidOperationException>(() => block.register_buffer("table", ones(1)));
        block.register_buffer("extra", ones(1));
        Assert.NotNull(block.get_buffer("extra"));
    }
}
