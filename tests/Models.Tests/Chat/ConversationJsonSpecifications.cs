namespace MLNetLlm.Models.Tests.Chat;

public class ConversationJsonSpecifications
{
    [Fact]
    public void What_is_written_is_read()
    {
        ChatTurn[] turns = [ChatTurn.System("Be kind."), ChatTurn.User("Say \"é\" \n😀 <b>"), ChatTurn.Assistant("é")];

        Assert.Equal(turns, ConversationJson.Read(ConversationJson.Write(turns)));
    }

    [Fact]
    public void Other_properties_are_passed_over() => Assert.Equal(
        [ChatTurn.User("Hi")], ConversationJson.Read("""[{"name": "Ann", "role": "user", "content": "Hi", "tags": [1]}]"""));

    [Theory]
    [InlineData("""[{"role": "user", "content": "Hi"}""", "not valid JSON")]
    [InlineData("", "not valid JSON")]
    [InlineData("""{"role": "user", "content": "Hi"}""", "array of messages")]
    [InlineData("""["Hi"]""", "message 1 must be an object")]
    [InlineData("""[{"content": "Hi"}]""", "'role'")]
    [InlineData("""[{"role": "user", "content": 5}]""", "'content'")]
    [InlineData("""[{"role": "user", "content": "Hi"}, {"role": "robot", "content": "Ho"}]""", "message 2 has the unknown role 'robot'")]
    [InlineData("""[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": ""}]""", "empty")]
    [InlineData("[]", "no turn of the user")]
    public void What_is_wrong_is_said_with_the_place(string json, string named)
    {
        var error = Assert.Throws<FormatException>(() => ConversationJson.Read(json, "Column 'Chat', row 3"));

        Assert.Contains("Column 'Chat', row 3", error.Message);
        Assert.Contains(named, error.Message);
    }
}
