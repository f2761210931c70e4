using SpamFilter;

namespace MLNetLlm.Samples.Tests;

public sealed class RecipeTests
{
    [Fact]
    public void Few_messages_are_learned_from_for_longer()
    {
        Assert.Equal(20, Recipe.For(SplitKind.All).ForMessages(155).FineTuning.Training.Epochs);
    }

    [Theory]
    [InlineData(SplitKind.All, 3_600)]
    [InlineData(SplitKind.Balanced, 900)]
    internal void The_recipe_stands_where_messages_are_many(SplitKind split, int count)
    {
        Assert.Equal(Recipe.For(split).FineTuning.Training.Epochs, Recipe.For(split).ForMessages(count).FineTuning.Training.Epochs);
    }
}
